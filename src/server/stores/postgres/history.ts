import type { Party } from '../../../protocol/owner.ts';
import { type Document, eachFilter, pageOf, partyParts } from '../rows.ts';
import type { HistoryRecord, HistoryStore } from '../types.ts';
import { type Database, indexed, sequence } from './database.ts';

const partyKey = (party: Party | undefined): string | null =>
  party === undefined ? null : indexed(...partyParts(party));

export function historyStore(database: Database): HistoryStore {
  const insert = database.prepare(
    'INSERT INTO history (owner, type, resource_id, data, party_key) VALUES ($1, $2, $3, $4, $5)',
  );
  const list = eachFilter(['type', 'resource_id', 'party_key'], (members) =>
    database.prepare<Document & { seq: number }>(
      `SELECT seq, data FROM history WHERE owner = $1 AND seq < $2 AND
       ${members.map((member, index) => `${member} = $${index + 4} AND `).join('')}true ORDER BY seq DESC LIMIT $3`,
    ),
  );

  return {
    async append(entry) {
      const { owner, type, resource_id = null, party } = entry;
      await insert.run(owner, type, resource_id, JSON.stringify(entry), partyKey(party));
    },
    async list(owner, filter, { limit, after }) {
      const before = after === undefined ? Number.MAX_SAFE_INTEGER : sequence(after);
      const { type = null, resource_id = null, party } = filter;
      const { statement, values } = list({ type, resource_id, party_key: partyKey(party) });
      const rows = await statement.all(owner, before, limit + 1, ...values);
      return pageOf(rows, limit, (row) => JSON.parse(row.data) as HistoryRecord);
    },
  };
}
