import { includesAll, union } from '../../../protocol/scopes.ts';
import { type Document, pageOf, read } from '../rows.ts';
import type { RequestRecord, RequestStore } from '../types.ts';
import { type Database, sequence } from './database.ts';

type Row = Document & { seq: number };
const record = (row: Document): RequestRecord => JSON.parse(row.data) as RequestRecord;

export function requestStore(database: Database): RequestStore {
  const insert = database.prepare(
    `INSERT INTO requests (id, owner, status, resource_id, party_iss, party_sub, client_id, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const open = database.prepare<Row>(
    `SELECT seq, data FROM requests
     WHERE resource_id = ? AND party_iss = ? AND party_sub = ? AND client_id = ? AND status = 'pending'`,
  );
  const rewrite = database.prepare('UPDATE requests SET data = ? WHERE seq = ?');
  const byId = database.prepare<Document>('SELECT data FROM requests WHERE id = ? AND owner = ?');
  const list = database.prepare<Row>('SELECT seq, data FROM requests WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?');
  const listOfStatus = database.prepare<Row>(
    'SELECT seq, data FROM requests WHERE owner = ? AND status = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const denied = database.prepare<Document>(
    `SELECT data FROM requests
     WHERE resource_id = ? AND party_iss = ? AND party_sub = ? AND status = 'denied' ORDER BY seq`,
  );
  const deniedOf = database.keep(
    (id: string, iss: string, sub: string) => denied.all(id, iss, sub).map(record),
    ['requests'],
  );
  const decide = database.prepare<Document>(
    `UPDATE requests SET status = ?, data = json_patch(data, ?)
     WHERE id = ? AND owner = ? AND status IN (SELECT value FROM json_each(?)) RETURNING data`,
  );
  const removeOfResource = database.prepare('DELETE FROM requests WHERE resource_id = ?');
  const removeOfParty = database.prepare(
    'DELETE FROM requests WHERE resource_id = ? AND party_iss = ? AND party_sub = ?',
  );

  return {
    async file(request) {
      const { id, owner, status, resource_id, party, client_id } = request;
      return database.transaction(() => {
        const row = open.get(resource_id, party.iss, party.sub, client_id);
        if (row === undefined || status !== 'pending') {
          insert.run(id, owner, status, resource_id, party.iss, party.sub, client_id, JSON.stringify(request));
          return { request, created: true };
        }
        const found = record(row);
        if (includesAll(found.scopes, request.scopes)) return { request: found, created: false };
        const widened = { ...found, scopes: union(found.scopes, request.scopes) };
        rewrite.run(JSON.stringify(widened), row.seq);
        return { request: widened, created: false };
      });
    },
    async get(id, owner) {
      return read<RequestRecord>(byId.get(id, owner));
    },
    async list(owner, { status = undefined }, { limit, after }) {
      const from = sequence(after ?? '0');
      const rows =
        status === undefined ? list.all(owner, from, limit + 1) : listOfStatus.all(owner, status, from, limit + 1);
      return pageOf(rows, limit, record);
    },
    async denied(resource_ids, party) {
      return [...new Set(resource_ids)].flatMap((id) => deniedOf(id, party.iss, party.sub) ?? []);
    },
    async decide(id, owner, from, decision) {
      // null takes a member of an earlier decision away (RFC 7396).
      const patch = {
        ...decision,
        granted_scopes: decision.granted_scopes ?? null,
        message: decision.message ?? null,
      };
      const [row] = decide.all(decision.status, JSON.stringify(patch), id, owner, JSON.stringify(from));
      return read<RequestRecord>(row);
    },
    async delete(resource_id, party) {
      return party === undefined
        ? removeOfResource.run(resource_id)
        : removeOfParty.run(resource_id, party.iss, party.sub);
    },
  };
}
