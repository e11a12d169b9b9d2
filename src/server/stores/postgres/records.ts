import { type Row, type StoredRecord, walk } from '../records.ts';
import { type Database, original } from './database.ts';

export function recordsOf(database: Database): () => AsyncIterable<StoredRecord> {
  return () =>
    walk(async (table, cursor, after, limit) => {
      const columns = cursor.join(', ');
      const values = cursor.map((_, index) => `$${index + 2}`).join(', ');
      const where = after === undefined ? '' : `WHERE (${columns}) > (${values})`;
      const page = database.prepare<Row>(`SELECT * FROM ${table} ${where} ORDER BY ${columns} LIMIT $1`);
      const rows = await page.all(limit, ...(after ?? []));
      return rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? original(value) : value]),
        ),
      );
    });
}
