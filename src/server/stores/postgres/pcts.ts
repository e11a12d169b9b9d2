import { type Document, read } from '../rows.ts';
import type { PctRecord, PctStore } from '../types.ts';
import type { Database } from './database.ts';

export function pctStore(database: Database): PctStore {
  const upsert = database.prepare(
    `INSERT INTO pcts (key, expires_at, data) VALUES ($1, $2, $3)
     ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, data = excluded.data`,
  );
  const live = database.prepare<Document>('SELECT data FROM pcts WHERE key = $1 AND expires_at > $2');
  const remove = database.prepare('DELETE FROM pcts WHERE key = $1');

  return {
    async put(pct) {
      await upsert.run(pct.key, pct.expires_at, JSON.stringify(pct));
    },
    async get(key, now) {
      return read<PctRecord>(await live.get(key, now));
    },
    async delete(key) {
      return (await remove.run(key)) > 0;
    },
  };
}
