/** @fastify/rate-limit's storage port on our limit store, so that all instances count together. */
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { LimitStore } from '../stores/types.ts';

/** @param now seconds since the epoch. Windows are whole seconds. */
export function sharedLimit(limits: LimitStore, name: string, now: () => number): FastifyRateLimitStoreCtor {
  return class SharedLimit implements FastifyRateLimitStore {
    incr(
      key: string,
      callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
      timeWindow = 60_000,
    ): void {
      const at = now();
      limits.count(`${name}:${key}`, at, Math.ceil(timeWindow / 1000)).then(
        ({ count, expires_at }) => callback(null, { current: count, ttl: Math.max(0, expires_at - at) * 1000 }),
        (error: Error) => callback(error),
      );
    }
    child(): SharedLimit {
      return this;
    }
  };
}
