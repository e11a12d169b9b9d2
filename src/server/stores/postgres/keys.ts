import type { KeyRecord, KeyStore } from '../types.ts';
import type { Connection, Database } from './database.ts';
import { LOCKS } from './schema.ts';

interface Row {
  kid: string;
  jwk: string;
  created_at: number;
}

const record = ({ kid, jwk, created_at }: Row): KeyRecord => ({
  kid,
  jwk: JSON.parse(jwk) as Record<string, unknown>,
  created_at,
});

const ALL = 'SELECT kid, jwk, created_at FROM keys ORDER BY created_at DESC, seq DESC';

export const keysOn = async (connection: Connection, database: Database): Promise<KeyRecord[]> =>
  (await database.prepare<Row>(ALL).on(connection).all()).map(record);

export function keyStore(database: Database): KeyStore {
  const all = database.prepare<Row>(ALL);
  const insert = database.prepare('INSERT INTO keys (kid, jwk, created_at) VALUES ($1, $2, $3)');
  const lock = database.prepare(`SELECT pg_advisory_xact_lock(${LOCKS.firstKey})`);
  const insertFirst = database.prepare(
    'INSERT INTO keys (kid, jwk, created_at) SELECT $1, $2, $3::bigint WHERE NOT EXISTS (SELECT FROM keys)',
  );
  const replace = database.prepare('UPDATE keys SET jwk = $1 WHERE kid = $2');
  const remove = database.prepare('DELETE FROM keys WHERE kid = $1');

  return {
    async list() {
      return (await all.all()).map(record);
    },
    addFirst: ({ kid, jwk, created_at }) =>
      database.transaction(async (connection) => {
        await lock.on(connection).run();
        await insertFirst.on(connection).run(kid, JSON.stringify(jwk), created_at);
        return (await all.on(connection).all()).map(record);
      }),
    async add({ kid, jwk, created_at }) {
      await insert.run(kid, JSON.stringify(jwk), created_at);
    },
    async replace({ kid, jwk }) {
      await replace.run(JSON.stringify(jwk), kid);
    },
    async delete(kid) {
      await remove.run(kid);
    },
  };
}
