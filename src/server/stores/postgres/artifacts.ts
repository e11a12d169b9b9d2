import type { Artifact, ArtifactStore } from '../types.ts';
import { type Database, original } from './database.ts';

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
  const found: Artifact & { consumed_at?: number } = { kind, id: original(id), payload: JSON.parse(row.payload) };
  if (grant_id !== null) found.grant_id = original(grant_id);
  if (uid !== null) found.uid = original(uid);
  if (user_code !== null) found.user_code = original(user_code);
  if (expires_at !== null) found.expires_at = expires_at;
  if (consumed_at !== null) found.consumed_at = consumed_at;
  return found;
}

const LIVE = '(expires_at IS NULL OR expires_at > $3)';

export function artifactStore(database: Database): ArtifactStore {
  // Writing again leaves `consumed_at` alone, so that what was used stays used.
  const upsert = database.prepare(
    `INSERT INTO artifacts (kind, id, payload, grant_id, uid, user_code, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
       user_code = excluded.user_code, expires_at = excluded.expires_at`,
  );
  const byId = database.prepare<Row>(`SELECT * FROM artifacts WHERE kind = $1 AND id = $2 AND ${LIVE}`);
  const payloadById = database.prepare<{ payload: string }>(
    `SELECT payload FROM artifacts WHERE kind = $1 AND id = $2 AND ${LIVE}`,
  );
  const byUid = database.prepare<Row>(`SELECT * FROM artifacts WHERE kind = $1 AND uid = $2 AND ${LIVE}`);
  const byUserCode = database.prepare<Row>(`SELECT * FROM artifacts WHERE kind = $1 AND user_code = $2 AND ${LIVE}`);
  const consume = database.prepare(
    `UPDATE artifacts SET consumed_at = $3 WHERE kind = $1 AND id = $2 AND consumed_at IS NULL AND ${LIVE}`,
  );
  const remove = database.prepare('DELETE FROM artifacts WHERE kind = $1 AND id = $2');
  const removeOfGrant = database.prepare('DELETE FROM artifacts WHERE grant_id = $1');

  return {
    async put({ kind, id, payload, grant_id, uid, user_code, expires_at }) {
      const columns = [grant_id ?? null, uid ?? null, user_code ?? null, expires_at ?? null];
      await upsert.run(kind, id, JSON.stringify(payload), ...columns);
    },
    async get(kind, id, now) {
      const row = await byId.get(kind, id, now);
      return row && record(row);
    },
    async payload(kind, id, now) {
      const row = await payloadById.get(kind, id, now);
      return row && (JSON.parse(row.payload) as Record<string, unknown>);
    },
    async findByUid(kind, uid, now) {
      const row = await byUid.get(kind, uid, now);
      return row && record(row);
    },
    async findByUserCode(kind, user_code, now) {
      const row = await byUserCode.get(kind, user_code, now);
      return row && record(row);
    },
    async consume(kind, id, now) {
      return (await consume.run(kind, id, now)) > 0;
    },
    async delete(kind, id) {
      await remove.run(kind, id);
    },
    async deleteByGrant(grant_id) {
      await removeOfGrant.run(grant_id);
    },
  };
}
