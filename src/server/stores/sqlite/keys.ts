import type { KeyRecord, KeyStore } from '../types.ts';
import type { Database } from './database.ts';

interface Row {
  kid: string;
  jwk: string;
  created_at: number;
}

export function keyStore(database: Database): KeyStore {
  const all = database.prepare<Row>('SELECT kid, jwk, created_at FROM keys ORDER BY created_at DESC, seq DESC');
  const insert = database.prepare('INSERT INTO keys (kid, jwk, created_at) VALUES (?, ?, ?)');
  const insertFirst = database.prepare(
    'INSERT INTO keys (kid, jwk, created_at) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM keys)',
  );
  const replace = database.prepare('UPDATE keys SET jwk = ? WHERE kid = ?');
  const remove = database.prepare('DELETE FROM keys WHERE kid = ?');
  const list = (): KeyRecord[] =>
    all.all().map(({ kid, jwk, created_at }) => ({
      kid,
      jwk: JSON.parse(jwk) as Record<string, unknown>,
      created_at,
    }));

  return {
    async list() {
      return list();
    },
    async addFirst({ kid, jwk, created_at }) {
      insertFirst.run(kid, JSON.stringify(jwk), created_at);
      return list();
    },
    async add({ kid, jwk, created_at }) {
      insert.run(kid, JSON.stringify(jwk), created_at);
    },
    async replace({ kid, jwk }) {
      replace.run(JSON.stringify(jwk), kid);
    },
    async delete(kid) {
      remove.run(kid);
    },
  };
}
