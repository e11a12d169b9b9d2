import { type Document, pageOf } from '../rows.ts';
import type { HistoryRecord, HistoryStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

export function historyStore(database: Database): HistoryStore {
  const insert = database.prepare('INSERT INTO history (owner, type, resource_id, data) VALUES (?, ?, ?, ?)');
  const list = database.prepare<Document & { seq: number }>(
    `SELECT seq, data FROM history
     WHERE owner = ? AND seq < ? AND (? IS NULL OR type = ?) AND (? IS NULL OR resource_id = ?)
     ORDER BY seq DESC LIMIT ?`,
  );

  return {
    async append(entry) {
      insert.run(entry.owner, entry.type, entry.resource_id ?? null, JSON.stringify(entry));
    },
    async list(owner, filter, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : sequence(after);
      const [type, resource] = [filter.type ?? null, filter.resource_id ?? null];
      const rows = list.all(owner, before, type, type, resource, resource, limit + 1);
      return pageOf(rows, limit, (row) => JSON.parse(row.data) as HistoryRecord);
    },
  };
}
