/** The shared driver: all stores in one PostgreSQL database (12 or newer), for any number of instances. */
import pg from 'pg';
import { UmaError } from '../../protocol/errors.ts';
import { artifactStore } from './postgres/artifacts.ts';
import { typed } from './postgres/database.ts';
import { decisionStore } from './postgres/decisions.ts';
import { reason, sqlState, unavailable } from './postgres/failures.ts';
import { refreshStore, rptStore } from './postgres/grants.ts';
import { historyStore } from './postgres/history.ts';
import { keyStore, keysOn } from './postgres/keys.ts';
import { limitStore } from './postgres/limits.ts';
import { onceStore } from './postgres/once.ts';
import { pctStore } from './postgres/pcts.ts';
import { policyStore } from './postgres/policies.ts';
import { recordsOf } from './postgres/records.ts';
import { requestStore } from './postgres/requests.ts';
import { resourceStore } from './postgres/resources.ts';
import { migrate, NEWEST, refuseNewer, schemaVersion } from './postgres/schema.ts';
import { sweeper } from './postgres/sweep.ts';
import { ticketStore } from './postgres/tickets.ts';
import type { Inspected, Migrating, Stores } from './types.ts';

export interface PostgresOptions {
  /**
   * `postgres://user@host:port/database?...`. The tables stand in the first schema of the search path; another one by
   * `?options=-c%20search_path%3Dname`.
   */
  url: string;
  /** Without it: the one in the URL, `PGPASSWORD`, or the line of `PGPASSFILE` (`~/.pgpass`). */
  password?: string | undefined;
  /** Connections at most. */
  connections?: number | undefined;
  /** Told before what an older program has left is brought up to date. */
  migrating?: Migrating | undefined;
}

const CONNECTIONS = 10;
/** Milliseconds for a free connection: made anew or given back by another request. */
const CONNECT_TIMEOUT = 5000;
/** Milliseconds after which the database gives a statement up. */
const STATEMENT_TIMEOUT = 10_000;
/** Milliseconds after which we give up on a database that does not say anything. */
const QUERY_TIMEOUT = 15_000;

/** Numbers of 64 bits come as text otherwise; ours are seconds and sequence numbers, far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Opens the stores, and sets the database up when it is new.
 * @throws UmaError `store_unavailable` (category `network`) when nobody answers; of category `config`: `store_unusable` (refused:
 *   user, password, database, rights) or `store_too_new`. No message holds the password.
 */
export async function openPostgres(options: PostgresOptions): Promise<Stores> {
  const pool = poolOf(options);
  const database = typed(pool);
  try {
    await database.transaction((connection) => migrate(connection, options.migrating));
  } catch (error) {
    await pool.end();
    throw opening(error);
  }
  let closing: Promise<void> | undefined;
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
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}

/**
 * What a database would be for a start, in a transaction that can write nothing.
 * @throws UmaError as {@link openPostgres}.
 */
export async function inspectPostgres(options: PostgresOptions): Promise<Inspected> {
  const pool = poolOf({ ...options, connections: 1 });
  const database = typed(pool);
  try {
    return await database.transaction(async (connection) => {
      await connection.query('SET TRANSACTION READ ONLY');
      const schema = await schemaVersion(connection);
      refuseNewer(schema);
      const { rows } = await connection.query(
        `SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may`,
      );
      if (schema < NEWEST && !rows[0].may)
        throw new UmaError('config', 'store_unusable', 'the user may not make tables in the database', {
          hint: 'grant it CREATE on the schema, or let one that may start a server once',
        });
      return { schema, newest: NEWEST, keys: schema === NEWEST ? await keysOn(connection, database) : [] };
    });
  } catch (error) {
    throw opening(error);
  } finally {
    await pool.end();
  }
}

function poolOf({ url, password, connections = CONNECTIONS }: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: withPassword(url, password),
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    statement_timeout: STATEMENT_TIMEOUT,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
    keepAlive: true,
    application_name: 'uma',
    types,
  });
  // An idle connection that breaks leaves the pool by itself, and the next statement makes a new one.
  pool.on('error', () => {});
  return pool;
}

function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const whole = new URL(url);
  // Not as part of the host's name: a URL of a local socket has no host.
  whole.searchParams.set('password', password);
  return whole.href;
}

/** Starting (57P03), stopping (57P01) and too many connections (53300) pass; every other refusal is a matter of configuration. */
function opening(error: unknown): unknown {
  const cause = error instanceof UmaError ? (error.code === 'store_unavailable' ? error.cause : undefined) : error;
  if (cause === undefined) return error;
  const state = sqlState(cause);
  if (state === undefined || /^(08|40|53|57)/.test(state)) return unavailable(cause);
  return new UmaError('config', 'store_unusable', `the database cannot be used: ${reason(cause)}`, {
    hint: 'look at user, password (UMA_STORE, PGPASSFILE or --store-password-file), database and rights',
    cause,
  });
}
