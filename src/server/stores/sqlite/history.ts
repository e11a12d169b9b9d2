import type { Party } from '../../../protocol/owner.ts';
import { type Document, pageOf, partyParts } from '../rows.ts';
import type { HistoryRecord, HistoryStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

const partyKey = (party: Party | undefined): string | null =>
  party === undefined ? null : JSON.stringify(partyParts(party));

export function historyStore(database: Database): HistoryStore {
  const insert = database.prepare('INSERT INTO history (owner, type, resource_id, party, data) VALUES (?, ?, ?, ?, ?)');
  const list = database.prepare<Document & { seq: number }>(
    `SELECT seq, data FROM history
     WHERE owner = ? AND seq < ? AND (? IS NULL OR type = ?) AND (? IS NULL OR resource_id = ?)
       AND (? IS NULL OR party = ?)
     ORDER BY seq DESC LIMIT ?`,
  );

  return {
    async append(entry) {
      insert.run(entry.owner, entry.type, entry.resource_id ?? null, partyKey(entry.party), JSON.stringify(entry));
    },
    async list(owner, filter, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : sequence(after);
      const [type, resource] = [filter.type ?? null, filter.resource_id ?? null];
      const party = partyKey(filter.party);
      const rows = list.all(owner, before, type, type, resource, resource, party, party, limit + 1);
      return pageOf(rows, limit, (row) => JSON.parse(row.data) as HistoryRecord);
    },
  };
}
