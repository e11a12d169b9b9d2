import type { LimitStore } from '../types.ts';
import type { Database } from './database.ts';

export function limitStore(database: Database): LimitStore {
  const count = database.prepare<{ count: number; expires_at: number }>(
    `INSERT INTO limits (key, count, expires_at) VALUES (?, 1, ?)
     ON CONFLICT (key) DO UPDATE SET count = iif(limits.expires_at <= ?, 1, limits.count + 1),
       expires_at = iif(limits.expires_at <= ?, excluded.expires_at, limits.expires_at) RETURNING count, expires_at`,
  );
  const fail = database.prepare<{ count: number; expires_at: number }>(
    `INSERT INTO limits (key, count, expires_at) VALUES (?, 1, ?)
     ON CONFLICT (key) DO UPDATE SET count = iif(limits.expires_at <= ?, 1, limits.count + 1),
       expires_at = max(limits.expires_at, excluded.expires_at) RETURNING count, expires_at`,
  );
  const peek = database.prepare<{ count: number; expires_at: number }>(
    'SELECT count, expires_at FROM limits WHERE key = ? AND expires_at > ?',
  );
  const clear = database.prepare('DELETE FROM limits WHERE key = ?');
  return {
    async count(key, now, seconds) {
      return count.all(key, now + seconds, now, now)[0]!;
    },
    async fail(key, now, seconds) {
      return fail.all(key, now + seconds, now)[0]!;
    },
    async peek(key, now) {
      return peek.get(key, now);
    },
    async clear(key) {
      clear.run(key);
    },
  };
}
