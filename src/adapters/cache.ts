/** Tokens between runs: one file a key, so that the processes of a pipe do not overwrite each other's. Readable by the owner only. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cache, CachedItem } from '../cli/context.ts';
import { isObject } from '../protocol/http.ts';

/** Seconds before its end from which a token counts as gone (DESIGN "Roles"). */
const MARGIN = 30;

export function fileCache(directory: string, now: () => number): Cache {
  const pathOf = (key: readonly string[]) =>
    join(directory, `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 40)}.json`);
  const cache: Cache = {
    async get(key) {
      const item = await readItem(pathOf(key));
      if (item === undefined) return undefined;
      if (item.expires_at - MARGIN > now()) return item.value;
      await cache.forget(key);
      return undefined;
    },
    async put(key, item) {
      const path = pathOf(key);
      const fresh = `${path}.${randomBytes(6).toString('hex')}`;
      await wherePossible(async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFile(fresh, `${JSON.stringify({ key, ...item })}\n`, { mode: 0o600, flag: 'wx' });
        await rename(fresh, path);
      });
    },
    async forget(key) {
      await wherePossible(() => rm(pathOf(key), { force: true }));
    },
  };
  return cache;
}

/** A home that cannot be written (a container, a service) keeps nothing: each command then fetches its own tokens. */
async function wherePossible(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

/** Undefined for a file that is not there or is no cached item: a cache that cannot be read is an empty one. */
async function readItem(path: string): Promise<CachedItem | undefined> {
  try {
    const item: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isObject(item) && typeof item.expires_at === 'number'
      ? { value: item.value, expires_at: item.expires_at }
      : undefined;
  } catch {
    return undefined;
  }
}
