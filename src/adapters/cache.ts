/** Tokens between runs: one file a key, so that the processes of a pipe do not overwrite each other's. Sealed by the vault. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cache, KeptToken } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';
import { makeDirectory } from './directory.ts';
import type { Kept, Vault } from './vault.ts';

/** Seconds before its end from which a token counts as gone (DESIGN "Roles"). */
const MARGIN = 30;
/** Milliseconds between looks at another process's lock, and after which its owner must have died. */
const LOOK = 20;
const DEAD = 30_000;

export interface CacheOptions {
  now: () => number;
  vault: Vault;
  /** Told when the keyring does not answer: its tokens then count as absent. */
  warn(text: string): void;
}

/** One file. `value` as it is, or sealed. */
interface Item {
  key: string[];
  expires_at: number;
  value?: unknown;
  sealed?: string;
}

export function fileCache(directory: string, { now, vault, warn }: CacheOptions): Cache {
  const nameOf = (key: readonly string[]) =>
    createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 40);
  const pathOf = (key: readonly string[]) => join(directory, `${nameOf(key)}.json`);
  let warned = false;
  const withVault = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof UmaError) || error.code !== 'no_keyring') throw error;
      if (!warned) warn(`tokens are neither read nor kept: ${error.message}`);
      warned = true;
      return undefined;
    }
  };
  const cache: Cache = {
    async get(key) {
      const item = await readItem(pathOf(key));
      if (item === undefined) return undefined;
      if (item.expires_at - MARGIN <= now()) {
        await cache.forget(key);
        return undefined;
      }
      if (item.sealed === undefined) return item.value;
      const kept: Kept = { sealed: item.sealed };
      const text = await withVault(() => vault.reveal(kept, JSON.stringify(key)));
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    async put(key, { value, expires_at }) {
      const path = pathOf(key);
      const fresh = `${path}.${randomBytes(6).toString('hex')}`;
      const kept = await withVault(() => vault.protect(JSON.stringify(value), JSON.stringify(key), key[1]));
      if (kept === undefined) return;
      const item = { key, ...(typeof kept === 'string' ? { value } : kept), expires_at };
      await wherePossible(async () => {
        makeDirectory(directory);
        await writeFile(fresh, `${JSON.stringify(item)}\n`, { mode: 0o600, flag: 'wx' });
        await rename(fresh, path);
      });
    },
    async forget(key) {
      await wherePossible(() => rm(pathOf(key), { force: true }));
    },
    async list() {
      const names = await readdir(directory).catch(() => []);
      const files = names.filter((name) => /^[0-9a-f]{40}\.json$/.test(name)).sort();
      const items = await Promise.all(files.map((name) => readItem(join(directory, name))));
      return items.flatMap((item): KeptToken[] =>
        item === undefined ? [] : [{ id: nameOf(item.key).slice(0, 8), key: item.key, expires_at: item.expires_at }],
      );
    },
    async alone(key, act) {
      const lock = `${pathOf(key)}.lock`;
      const ours = await take(lock);
      try {
        return await act();
      } finally {
        if (ours) await rm(lock, { force: true });
      }
    },
  };
  return cache;
}

/** False where nothing can be written: there is then nothing to be alone with. */
async function take(lock: string): Promise<boolean> {
  for (;;) {
    try {
      await writeFile(lock, '', { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
    const made = (await stat(lock).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - made > DEAD) await rm(lock, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
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
async function readItem(path: string): Promise<Item | undefined> {
  try {
    const item: unknown = JSON.parse(await readFile(path, 'utf8'));
    const whole = isObject(item) && typeof item.expires_at === 'number' && Array.isArray(item.key);
    return whole ? (item as unknown as Item) : undefined;
  } catch {
    return undefined;
  }
}
