import { type Document, read } from '../rows.ts';
import type { PctRecord, PctStore } from '../types.ts';
import type { Database } from './database.ts';

export function pctStore(database: Database): PctStore {
  const upsert = database.prepare('INSERT OR REPLACE INTO pcts (key, expires_at, data) VALUES (?, ?, ?)');
  const live = database.prepare<Document>('SELECT data FROM pcts WHERE key = ? AND expires_at > ?');
  const remove = database.prepare('DELETE FROM pcts WHERE key = ?');

  return {
    async put(pct) {
      upsert.run(pct.key, pct.expires_at, JSON.stringify(pct));
    },
    async get(key, now) {
      return read<PctRecord>(live.get(key, now));
    },
    async delete(key) {
      return remove.run(key) > 0;
    },
  };
}
