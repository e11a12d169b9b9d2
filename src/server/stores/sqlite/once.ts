import type { OnceStore } from '../types.ts';
import type { Database } from './database.ts';

export function onceStore(database: Database): OnceStore {
  const claim = database.prepare(
    `INSERT INTO once (key, expires_at) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE once.expires_at <= ?`,
  );
  return {
    async first(key, now, expires_at) {
      return claim.run(key, expires_at, now) > 0;
    },
  };
}
