import { type Row, type StoredRecord, walk } from '../records.ts';
import type { Database } from './database.ts';

export function recordsOf(database: Database): () => AsyncIterable<StoredRecord> {
  return () =>
    walk((table, cursor, after, limit) => {
      const columns = cursor.join(', ');
      const where = after === undefined ? '' : `WHERE (${columns}) > (${cursor.map(() => '?').join(', ')})`;
      const page = database.prepare<Row>(`SELECT * FROM ${table} ${where} ORDER BY ${columns} LIMIT ?`);
      return page.all(...(after ?? []), limit);
    });
}
