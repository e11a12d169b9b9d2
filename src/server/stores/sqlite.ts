/** The embedded driver: all stores in one SQLite database, in memory or in a file that several processes may open. */
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { UmaError } from '../../protocol/errors.ts';
import { checkPrivate } from '../private-file.ts';
import { artifactStore } from './sqlite/artifacts.ts';
import { typed } from './sqlite/database.ts';
import { decisionStore } from './sqlite/decisions.ts';
import { historyStore } from './sqlite/history.ts';
import { keyStore } from './sqlite/keys.ts';
import { limitStore } from './sqlite/limits.ts';
import { onceStore } from './sqlite/once.ts';
import { pctStore } from './sqlite/pcts.ts';
import { policyStore } from './sqlite/policies.ts';
import { NOTHING_RECENT, type Recent, recentReads } from './sqlite/recent.ts';
import { recordsOf } from './sqlite/records.ts';
import { refreshStore } from './sqlite/refreshes.ts';
import { requestStore } from './sqlite/requests.ts';
import { resourceStore } from './sqlite/resources.ts';
import { rptStore } from './sqlite/rpts.ts';
import { migrate, NEWEST, refuseNewer, schemaVersion } from './sqlite/schema.ts';
import { sweeper } from './sqlite/sweep.ts';
import { ticketStore } from './sqlite/tickets.ts';
import type { Inspected, Migrating, Stores } from './types.ts';

/**
 * A file in memory (at most 1 GiB), private to its handle. With `:memory:` an insert into an index takes longer the more rows there
 * are: 50 µs at 150,000 rows where this takes 15 µs at any size.
 */
const IN_MEMORY = 'file:uma?vfs=memdb';
/** Milliseconds to wait for another process that holds the write lock. */
const BUSY_TIMEOUT = 5000;

export interface SqliteOptions {
  /** Also a file that others can read. */
  readableFiles?: boolean | undefined;
  /** The database file; absent = in memory, gone with {@link Stores.close}. A missing directory is made, with mode 0700. */
  path?: string | undefined;
  /** Told before an older file is brought up to date. */
  migrating?: Migrating | undefined;
}

/**
 * Opens the stores.
 * @throws UmaError of category `config`: `store_unusable` (not a database, no permission, locked for long), `store_too_new`, `file_open_to_others`.
 */
export async function openSqlite(options: SqliteOptions = {}): Promise<Stores> {
  const { path, readableFiles: readable, migrating } = options;
  let handle: DatabaseSync | undefined;
  try {
    if (path !== undefined) makePrivate(path, readable);
    handle = new DatabaseSync(path ?? IN_MEMORY, { timeout: BUSY_TIMEOUT });
    if (path === undefined) {
      handle.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
    } else {
      await useWriteAheadLog(handle);
      // NORMAL would outlive kill -9 too. FULL also outlives a power cut, so that no withdrawn access comes back; it costs a
      // write about 0.2 ms on a fast disk (4,300 tickets/s instead of 22,000/s where it was measured).
      handle.exec('PRAGMA synchronous = FULL');
    }
    migrate(handle, path ?? 'the store in memory', migrating);
    // A file may be another process's too, and what that one withdraws has to be gone here at once.
    return storesOn(handle, path === undefined ? recentReads() : NOTHING_RECENT);
  } catch (cause) {
    handle?.close();
    throw unusable(path ?? 'the store in memory', cause);
  }
}

function unusable(name: string, cause: unknown): UmaError {
  if (cause instanceof UmaError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UmaError('config', 'store_unusable', `${name} cannot be opened: ${reason}`, { cause });
}

/**
 * What a database file would be for a start; nothing is made or migrated, and no record written. Beside a log that a process left
 * behind when it was killed, SQLite renews its index of it (`-shm`), which holds no data.
 * @throws UmaError as {@link openSqlite}.
 */
export async function inspectSqlite(path: string, readable: boolean | undefined): Promise<Inspected> {
  refuseReadable(path, readable);
  let handle: DatabaseSync | undefined;
  try {
    accessSync(existing(dirname(path)), constants.W_OK | constants.X_OK);
    if (!existsSync(path)) {
      if (!statSync(existing(dirname(path))).isDirectory())
        throw new Error(`${existing(dirname(path))} is no directory`);
      return { schema: 0, newest: NEWEST, keys: [] };
    }
    accessSync(path, constants.R_OK | constants.W_OK);
    // Without `immutable` a reader makes side files; beside a log that is not empty they are there, and what it holds counts.
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
    const address = pathToFileURL(path);
    if (log === undefined || log.size === 0) address.searchParams.set('immutable', '1');
    handle = new DatabaseSync(address, { readOnly: true, timeout: BUSY_TIMEOUT });
    const schema = schemaVersion(handle);
    refuseNewer(schema, path);
    const keys = schema === NEWEST ? await keyStore(typed(handle, NOTHING_RECENT)).list() : [];
    return { schema, newest: NEWEST, keys };
  } catch (cause) {
    throw unusable(path, cause);
  } finally {
    handle?.close();
  }
}

/** The directory itself, or what is there of the way to it. */
const existing = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existing(dirname(path));

/** SQLite gives its side files the mode of the database file. A file that others could read all the time is not just closed to them. */
function makePrivate(path: string, readable: boolean | undefined): void {
  makeDirectory(dirname(path));
  refuseReadable(path, readable);
  closeSync(openSync(path, 'a', 0o600));
}

function refuseReadable(path: string, readable: boolean | undefined): void {
  for (const name of [path, `${path}-wal`, `${path}-shm`])
    checkPrivate(name, { holds: "the server's keys, and who may do what", readable });
}

/** Not by `recursive`, which never ends where an existing directory answers ENOENT (`/proc`). */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error;
  }
}

const SQLITE_BUSY = 5;

/** SQLite's own busy timeout does not cover this one statement when two processes make the same file at once. */
async function useWriteAheadLog(handle: DatabaseSync): Promise<void> {
  for (const deadline = performance.now() + BUSY_TIMEOUT; ; await setTimeout(5)) {
    try {
      handle.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      const busy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
      if (!busy || performance.now() > deadline) throw error;
    }
  }
}

function storesOn(handle: DatabaseSync, recent: Recent): Stores {
  const database = typed(handle, recent);
  return {
    resources: resourceStore(database),
    tickets: ticketStore(database),
    rpts: rptStore(database),
    refreshes: refreshStore(database),
    pcts: pctStore(database),
    policies: policyStore(database),
    requests: requestStore(database),
    decisions: decisionStore(database),
    history: historyStore(database),
    artifacts: artifactStore(database),
    once: onceStore(database),
    limits: limitStore(database),
    keys: keyStore(database),
    sweep: sweeper(database),
    records: recordsOf(database),
    async close() {
      if (handle.isOpen) handle.close();
    },
  };
}
