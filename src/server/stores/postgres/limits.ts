import type { LimitStore } from '../types.ts';
import type { Database } from './database.ts';

export function limitStore(database: Database): LimitStore {
  const count = database.prepare<{ count: number; expires_at: number }>(
    `INSERT INTO limits (key, count, expires_at) VALUES ($1, 1, $2)
     ON CONFLICT (key) DO UPDATE SET count = CASE WHEN limits.expires_at <= $3 THEN 1 ELSE limits.count + 1 END,
       expires_at = CASE WHEN limits.expires_at <= $3 THEN excluded.expires_at ELSE limits.expires_at END
     RETURNING count, expires_at`,
  );
  const fail = database.prepare<{ count: number; expires_at: number }>(
    `INSERT INTO limits (key, count, expires_at) VALUES ($1, 1, $2)
     ON CONFLICT (key) DO UPDATE SET count = CASE WHEN limits.expires_at <= $3 THEN 1 ELSE limits.count + 1 END,
       expires_at = greatest(limits.expires_at, excluded.expires_at)
     RETURNING count, expires_at`,
  );
  const peek = database.prepare<{ count: number; expires_at: number }>(
    'SELECT count, expires_at FROM limits WHERE key = $1 AND expires_at > $2',
  );
  const clear = database.prepare('DELETE FROM limits WHERE key = $1');
  return {
    async count(key, now, seconds) {
      return (await count.get(key, now + seconds, now))!;
    },
    async fail(key, now, seconds) {
      return (await fail.get(key, now + seconds, now))!;
    },
    peek: (key, now) => peek.get(key, now),
    async clear(key) {
      await clear.run(key);
    },
  };
}
