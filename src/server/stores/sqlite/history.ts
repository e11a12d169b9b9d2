import type { Party } from '../../../protocol/owner.ts';
import { type Document, eachFilter, pageOf, partyParts } from '../rows.ts';
import type { HistoryRecord, HistoryStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

const partyKey = (party: Party | undefined): string | null =>
  party === undefined ? null : JSON.stringify(partyParts(party));

export function historyStore(database: Database): HistoryStore {
  const insert = database.prepare('INSERT INTO history (owner, type, resource_id, party, data) VALUES (?, ?, ?, ?, ?)');
  const list = eachFilter(['type', 'resource_id', 'party'], (members) =>
    database.prepare<Document & { seq: number }>(
      `SELECT seq, data FROM history WHERE owner = ? AND ${members.map((member) => `${member} = ? AND `).join('')}seq < ?
         ORDER BY seq DESC LIMIT ?`,
    ),
  );

  return {
    async append(entry) {
      insert.run(entry.owner, entry.type, entry.resource_id ?? null, partyKey(entry.party), JSON.stringify(entry));
    },
    async list(owner, filter, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : sequence(after);
      const { type = null, resource_id = null, party } = filter;
      const { statement, values } = list({ type, resource_id, party: partyKey(party) });
      const rows = statement.all(owner, ...values, before, limit + 1);
      return pageOf(rows, limit, (row) => JSON.parse(row.data) as HistoryRecord);
    },
  };
}
