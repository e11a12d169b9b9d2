import type { LimitStore } from '../types.ts';
import type { Database } from './database.ts';

export function limitStore(database: Database): LimitStore {
  const count = database.prepare<{ count: number; expires_at: number }>(
    `INSERT INTO limits (key, count, expires_at) VALUES ($1, 1, $2)
     ON CONFLICT (key) DO UPDATE SET count = CASE WHEN limits.expires_at <= $3 THEN 1 ELSE limits.count + 1 END,
       expires_at = CASE WHEN limits.expires_at <= $3 THEN excluded.expires_at ELSE limits.expires_at END
     RETURNING count, expires_at`,
  );
  return {
    async count(key, now, seconds) {
      return (await count.get(key, now + seconds, now))!;
    },
  };
}
