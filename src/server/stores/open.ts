/** Which driver keeps what the server remembers: a new one is a file beside this one and a line in the registry. */
import { join } from 'node:path';
import { UmaError } from '../../protocol/errors.ts';
import { openMemory } from './memory.ts';
import { requireKey } from './seal.ts';
import { openSqlite } from './sqlite.ts';
import type { Stores } from './types.ts';

/** A database that several servers share. */
export interface SharedStore {
  /** Its scheme names the driver, see {@link SCHEMES}. May hold a password, unless it comes from the command line. */
  url: string;
  password?: string | undefined;
}

export interface StorePlace {
  /** What seals the signing keys (seal.ts): 32 bytes in base64 or hex. Absent = the file of the directory. */
  key?: string | undefined;
  /** Also files that others can read (private-file.ts). */
  readableFiles?: boolean | undefined;
  /** Directory of a database of this machine. */
  dataDir?: string | undefined;
  store?: SharedStore | undefined;
}

/** Loaded when it is asked for: a server on SQLite does not pay for it. */
const DRIVERS: Readonly<Record<string, (store: SharedStore) => Promise<Stores>>> = {
  'postgres:': async (store) => (await import('./postgres.ts')).openPostgres(store),
  'postgresql:': async (store) => (await import('./postgres.ts')).openPostgres(store),
};
export const SCHEMES: readonly string[] = Object.keys(DRIVERS);

const DATABASE = 'uma.sqlite';

/**
 * Opens the stores: the shared database, the one of a directory, or, with neither, memory.
 * @throws UmaError of category `config`: `store_unusable`, `store_too_new`, `file_open_to_others`, `store_key_missing`; `store_unavailable` (`network`) when nobody answers.
 */
export async function openStores(place: StorePlace): Promise<Stores> {
  const { dataDir, store, readableFiles } = place;
  requireKey(place);
  if (store === undefined)
    return dataDir === undefined ? openMemory() : openSqlite({ path: join(dataDir, DATABASE), readableFiles });
  const open = DRIVERS[URL.parse(store.url)?.protocol ?? ''];
  if (open !== undefined) return open(store);
  // Not quoted: it may hold a password.
  throw new UmaError('config', 'store_unusable', 'the address of the store is none that a driver knows', {
    hint: 'write it as postgres://user@host:port/database',
  });
}
