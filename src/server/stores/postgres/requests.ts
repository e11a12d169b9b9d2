import type { AccessRequest, Party } from '../../../protocol/owner.ts';
import { includesAll, union } from '../../../protocol/scopes.ts';
import { type Document, pageOf } from '../rows.ts';
import type { RequestRecord, RequestStore } from '../types.ts';
import { checked, type Database, indexed, sequence } from './database.ts';

/** What a decision replaces stands apart from what was asked, so that deciding is one statement. */
interface Row extends Document {
  seq: number;
  status: AccessRequest['status'];
  decision: string;
}

type Decision = Pick<RequestRecord, 'decided_at' | 'granted_scopes' | 'message'>;

const record = (row: Row): RequestRecord => ({
  ...(JSON.parse(row.data) as RequestRecord),
  status: row.status,
  ...(JSON.parse(row.decision) as Decision),
});

const partyKey = ({ iss, sub }: Party): string => indexed(iss, sub);
const openKey = ({ resource_id, party, client_id }: RequestRecord): string =>
  indexed(resource_id, party.iss, party.sub, client_id);

const COLUMNS = 'seq, status, data, decision';

export function requestStore(database: Database): RequestStore {
  const insert = database.prepare(
    `INSERT INTO requests (id, owner, status, resource_id, party_key, open_key, data, decision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (open_key) WHERE status = 'pending' DO NOTHING`,
  );
  const open = database.prepare<Row>(`SELECT ${COLUMNS} FROM requests WHERE open_key = $1 AND status = 'pending'`);
  const widen = database.prepare(`UPDATE requests SET data = $3 WHERE seq = $1 AND data = $2 AND status = 'pending'`);
  const byId = database.prepare<Row>(`SELECT ${COLUMNS} FROM requests WHERE id = $1 AND ${checked('owner', '$2')}`);
  const list = database.prepare<Row>(
    `SELECT ${COLUMNS} FROM requests WHERE owner = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
  );
  const listOfStatus = database.prepare<Row>(
    `SELECT ${COLUMNS} FROM requests WHERE owner = $1 AND status = $4 AND seq > $2 ORDER BY seq LIMIT $3`,
  );
  const denied = database.prepare<Row>(
    `SELECT ${COLUMNS} FROM requests WHERE resource_id = ANY ($1) AND party_key = $2 AND status = 'denied' ORDER BY seq`,
  );
  const decide = database.prepare<Row>(
    `UPDATE requests SET status = $4, decision = $5 WHERE id = $1 AND ${checked('owner', '$2')} AND status = ANY ($3) RETURNING ${COLUMNS}`,
  );
  const removeOfResource = database.prepare('DELETE FROM requests WHERE resource_id = $1');
  const removeOfParty = database.prepare('DELETE FROM requests WHERE resource_id = $1 AND party_key = $2');

  return {
    async file(request) {
      const { id, owner, resource_id, status, decided_at, granted_scopes, message, ...asked } = request;
      const data = JSON.stringify({ id, owner, resource_id, ...asked });
      const decision = JSON.stringify({ decided_at, granted_scopes, message });
      const key = openKey(request);
      // Each turn that comes to nothing means that somebody else has filed, widened or decided meanwhile.
      for (;;) {
        const row = status === 'pending' ? await open.get(key) : undefined;
        if (row === undefined) {
          const filed = await insert.run(id, owner, status, resource_id, partyKey(request.party), key, data, decision);
          if (filed > 0) return { request, created: true };
          continue;
        }
        const found = record(row);
        if (includesAll(found.scopes, request.scopes)) return { request: found, created: false };
        const scopes = union(found.scopes, request.scopes);
        const wider = JSON.stringify({ ...(JSON.parse(row.data) as RequestRecord), scopes });
        if ((await widen.run(row.seq, row.data, wider)) > 0) return { request: { ...found, scopes }, created: false };
      }
    },
    async get(id, owner) {
      const row = await byId.get(id, owner);
      return row && record(row);
    },
    async list(owner, { status = undefined }, { limit, after }) {
      const page = [owner, sequence(after ?? '0'), limit + 1] as const;
      return pageOf(
        await (status === undefined ? list.all(...page) : listOfStatus.all(...page, status)),
        limit,
        record,
      );
    },
    async denied(resource_ids, party) {
      return (await denied.all(resource_ids, partyKey(party))).map(record);
    },
    async decide(id, owner, from, { status, ...decision }) {
      const row = await decide.get(id, owner, from, status, JSON.stringify(decision));
      return row && record(row);
    },
    async delete(resource_id, party) {
      return party === undefined ? removeOfResource.run(resource_id) : removeOfParty.run(resource_id, partyKey(party));
    },
  };
}
