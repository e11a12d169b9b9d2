import { type Document, pageOf } from '../rows.ts';
import type { HistoryRecord, HistoryStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

export function historyStore(database: Database): HistoryStore {
  const insert = database.prepare('INSERT INTO history (owner, type, resource_id, data) VALUES ($1, $2, $3, $4)');
  const list = database.prepare<Document & { seq: number }>(
    `SELECT seq, data FROM history
     WHERE owner = $1 AND seq < $2 AND ($3::text IS NULL OR type = $3) AND ($4::text IS NULL OR resource_id = $4)
     ORDER BY seq DESC LIMIT $5`,
  );

  return {
    async append(entry) {
      await insert.run(entry.owner, entry.type, entry.resource_id ?? null, JSON.stringify(entry));
    },
    async list(owner, filter, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : sequence(after);
      const rows = await list.all(owner, before, filter.type ?? null, filter.resource_id ?? null, limit + 1);
      return pageOf(rows, limit, (row) => JSON.parse(row.data) as HistoryRecord);
    },
  };
}
