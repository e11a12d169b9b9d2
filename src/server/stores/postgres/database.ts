/**
 * postgres/: one database for any number of instances, on the package pg. Every public method is one statement, or one
 * transaction that locks the rows it has read, so that it does not matter which instance is asked. Statements are prepared
 * once a connection. Imports only `protocol` and `../types.ts`.
 *
 * This file: the thin typed layer over a pool of connections.
 */
import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { failure } from './failures.ts';

export type Value = string | number | null | readonly string[];

/** Where a statement runs: any connection of the pool, or the one of a transaction. */
export type Connection = Pick<PoolClient, 'query'>;

/** A prepared statement. Parameters are `$1` and so on. Rejects as {@link failure} says. */
export interface Statement<Row> {
  get(...values: Value[]): Promise<Row | undefined>;
  all(...values: Value[]): Promise<Row[]>;
  /** The number of rows changed. */
  run(...values: Value[]): Promise<number>;
  /** The same statement in a transaction. */
  on(connection: Connection): Statement<Row>;
}

export interface Database {
  /** `Row` is what the caller knows of the columns in `sql`. */
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /** All of `work` happens, or, when it rejects, nothing. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

export function typed(pool: Pool): Database {
  return {
    prepare: (sql) => statement(sql, pool),
    async transaction(work) {
      let client: PoolClient;
      try {
        client = await pool.connect();
      } catch (error) {
        throw failure(error);
      }
      // A connection whose end nobody heard of is not used again.
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch((cause: Error) => {
          broken = cause;
        });
        throw failure(error);
      } finally {
        client.release(broken);
      }
    },
  };
}

function statement<Row>(sql: string, connection: Connection): Statement<Row> {
  // By content, so that two programs behind one connection pooler never mean different things by one name.
  const name = `uma_${createHash('sha256').update(sql).digest('base64url').slice(0, 16)}`;
  const query = async (values: Value[]) => {
    try {
      return await connection.query({ name, text: sql, values: values.map(storable) });
    } catch (error) {
      throw failure(error);
    }
  };
  const all = async (values: Value[]): Promise<Row[]> => (await query(values)).rows as Row[];
  return {
    get: async (...values) => (await all(values))[0],
    all: (...values) => all(values),
    run: async (...values) => (await query(values)).rowCount ?? 0,
    on: (other) => statement(sql, other),
  };
}

/** PostgreSQL keeps no NUL in a text; ids and subjects that peers made up may hold one. */
const storable = (value: Value): Value => {
  if (typeof value === 'string') return written(value);
  return Array.isArray(value) ? value.map(written) : value;
};
const written = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the subject
  /[\0\x01]/.test(text) ? text.replaceAll('\x01', '\x01\x01').replaceAll('\0', '\x01\x02') : text;
/** A text as it was before it was stored. */
export const original = (text: string): string =>
  text.includes('\x01')
    ? // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the subject
      text.replace(/\x01([\x01\x02])/g, (_, second: string) => (second === '\x01' ? '\x01' : '\0'))
    : text;

/** An index holds no entry of more than 2,700 bytes; what a peer sent may be longer. */
export const indexed = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** The sequence number in an `after`; null, which is greater than no number, when it is none of ours. */
export const sequence = (after: string): number | null => (/^\d{1,15}$/.test(after) ? Number(after) : null);

/**
 * The condition that a column has this value, of a row that another condition finds. With `=` the planner, which knows nothing of
 * a table before its first ANALYZE, may take the index of all rows of an owner; for this operator it takes none.
 */
export const checked = (column: string, parameter: string): string => `${column} IS NOT DISTINCT FROM ${parameter}`;
