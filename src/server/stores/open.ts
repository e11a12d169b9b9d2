/** Which driver keeps what the server remembers: a new one is a file beside this one and a line in the registry. */
import { join } from 'node:path';
import { UmaError } from '../../protocol/errors.ts';
import { openMemory } from './memory.ts';
import { existingSeal, opened, requireKey } from './seal.ts';
import { inspectSqlite, openSqlite } from './sqlite.ts';
import type { Inspected, Migrating, Stores } from './types.ts';

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
  /** Told before what an older program has left is brought up to date. */
  migrating?: Migrating | undefined;
}

interface Driver {
  open(store: SharedStore, migrating: Migrating | undefined): Promise<Stores>;
  inspect(store: SharedStore): Promise<Inspected>;
}

/** Loaded when it is asked for: a server on SQLite does not pay for it. */
const postgres: Driver = {
  open: async (store, migrating) => (await import('./postgres.ts')).openPostgres({ ...store, migrating }),
  inspect: async (store) => (await import('./postgres.ts')).inspectPostgres(store),
};
const DRIVERS: Readonly<Record<string, Driver>> = { 'postgres:': postgres, 'postgresql:': postgres };
export const SCHEMES: readonly string[] = Object.keys(DRIVERS);

const DATABASE = 'uma.sqlite';

/**
 * Opens the stores: the shared database, the one of a directory, or, with neither, memory.
 * @throws UmaError of category `config`: `store_unusable`, `store_too_new`, `file_open_to_others`, `store_key_missing`; `store_unavailable` (`network`) when nobody answers.
 */
export async function openStores(place: StorePlace): Promise<Stores> {
  const { dataDir, store, readableFiles, migrating } = place;
  requireKey(place);
  if (store === undefined)
    return dataDir === undefined
      ? openMemory()
      : openSqlite({ path: join(dataDir, DATABASE), readableFiles, migrating });
  return driverOf(store).open(store, migrating);
}

/**
 * What {@link openStores} and the signing keys would meet there. Writes nothing.
 * @throws UmaError as `openStores`, `invalid_store_key` and `store_key_wrong` (config).
 */
export async function inspectStores(place: StorePlace): Promise<Inspected | undefined> {
  const { dataDir, store, readableFiles } = place;
  if (store === undefined && dataDir === undefined) return undefined;
  requireKey(place);
  const seal = existingSeal(place);
  const found =
    store === undefined
      ? await inspectSqlite(join(dataDir!, DATABASE), readableFiles)
      : await driverOf(store).inspect(store);
  for (const record of found.keys) await opened(record, seal);
  return found;
}

function driverOf(store: SharedStore): Driver {
  const driver = DRIVERS[URL.parse(store.url)?.protocol ?? ''];
  if (driver !== undefined) return driver;
  // Not quoted: it may hold a password.
  throw new UmaError('config', 'store_unusable', 'the address of the store is none that a driver knows', {
    hint: 'write it as postgres://user@host:port/database',
  });
}
