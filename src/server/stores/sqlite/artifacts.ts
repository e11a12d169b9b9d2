import type { Artifact, ArtifactStore } from '../types.ts';
import type { Database } from './database.ts';

interface Row {
  kind: string;
  id: string;
  payload: string;
  grant_id: string | null;
  uid: string | null;
  user_code: string | null;
  consumed_at: number | null;
  expires_at: number | null;
}

function record(row: Row): Artifact & { consumed_at?: number } {
  const { kind, id, grant_id, uid, user_code, consumed_at, expires_at } = row;
  const found: Artifact & { consumed_at?: number } = { kind, id, payload: JSON.parse(row.payload) };
  if (grant_id !== null) found.grant_id = grant_id;
  if (uid !== null) found.uid = uid;
  if (user_code !== null) found.user_code = user_code;
  if (expires_at !== null) found.expires_at = expires_at;
  if (consumed_at !== null) found.consumed_at = consumed_at;
  return found;
}

const LIVE = '(expires_at IS NULL OR expires_at > ?)';

export function artifactStore(database: Database): ArtifactStore {
  // Writing again leaves `consumed_at` alone, so that what was used stays used.
  const upsert = database.prepare(
    `INSERT INTO artifacts (kind, id, payload, grant_id, uid, user_code, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
       user_code = excluded.user_code, expires_at = excluded.expires_at`,
  );
  const byId = database.prepare<Row>(`SELECT * FROM artifacts WHERE kind = ? AND id = ? AND ${LIVE}`);
  const payloadById = database.prepare<Pick<Row, 'payload' | 'expires_at'>>(
    'SELECT payload, expires_at FROM artifacts WHERE kind = ? AND id = ?',
  );
  const payload = database.keep(
    (kind: string, id: string) => {
      const row = payloadById.get(kind, id);
      return row && { payload: JSON.parse(row.payload) as Record<string, unknown>, expires_at: row.expires_at };
    },
    ['artifacts'],
    { byKey: true },
  );
  const byUid = database.prepare<Row>(`SELECT * FROM artifacts WHERE kind = ? AND uid = ? AND ${LIVE}`);
  const byUserCode = database.prepare<Row>(`SELECT * FROM artifacts WHERE kind = ? AND user_code = ? AND ${LIVE}`);
  const consume = database.prepare(
    `UPDATE artifacts SET consumed_at = ? WHERE kind = ? AND id = ? AND consumed_at IS NULL AND ${LIVE}`,
  );
  const remove = database.prepare('DELETE FROM artifacts WHERE kind = ? AND id = ?');
  const removeOfGrant = database.prepare('DELETE FROM artifacts WHERE grant_id = ?');

  return {
    async put({ kind, id, payload, grant_id, uid, user_code, expires_at }) {
      upsert.run(
        kind,
        id,
        JSON.stringify(payload),
        grant_id ?? null,
        uid ?? null,
        user_code ?? null,
        expires_at ?? null,
      );
    },
    async get(kind, id, now) {
      const row = byId.get(kind, id, now);
      return row && record(row);
    },
    async payload(kind, id, now) {
      const found = payload(kind, id);
      return found === undefined || (found.expires_at ?? Number.POSITIVE_INFINITY) <= now ? undefined : found.payload;
    },
    async findByUid(kind, uid, now) {
      const row = byUid.get(kind, uid, now);
      return row && record(row);
    },
    async findByUserCode(kind, user_code, now) {
      const row = byUserCode.get(kind, user_code, now);
      return row && record(row);
    },
    async consume(kind, id, now) {
      return consume.run(now, kind, id, now) > 0;
    },
    async delete(kind, id) {
      remove.run(kind, id);
    },
    async deleteByGrant(grant_id) {
      removeOfGrant.run(grant_id);
    },
  };
}
