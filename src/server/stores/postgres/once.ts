import type { OnceStore } from '../types.ts';
import { type Database, indexed } from './database.ts';

/** Characters that fit into an index whatever they are. */
const SHORT = 600;
const stored = (key: string): string => (key.length <= SHORT ? key : indexed(key));

export function onceStore(database: Database): OnceStore {
  const claim = database.prepare(
    `INSERT INTO once (key, expires_at) VALUES ($1, $2)
     ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE once.expires_at <= $3`,
  );
  return {
    async first(key, now, expires_at) {
      return (await claim.run(stored(key), expires_at, now)) > 0;
    },
  };
}
