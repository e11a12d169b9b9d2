/**
 * sqlite/: one store a file on `node:sqlite`. Every public method is one statement or one BEGIN IMMEDIATE transaction, so that
 * several processes may share a file. Statements are prepared once, at opening. Imports only `protocol` and `../types.ts`.
 *
 * This file: the thin typed layer over DatabaseSync.
 */
import type { DatabaseSync } from 'node:sqlite';

export type Value = string | number | null;

/** A prepared statement. Parameters are `?`, in order. */
export interface Statement<Row> {
  /** The first row. For reading only: a writing statement must run to its end, see {@link Statement.all}. */
  get(...values: Value[]): Row | undefined;
  /** All rows; the one to use for `... RETURNING`, which commits when it has run to its end. */
  all(...values: Value[]): Row[];
  /** The number of rows changed. */
  run(...values: Value[]): number;
}

export interface Database {
  /** `Row` is what the caller knows of the columns in `sql`; STRICT tables keep it true. */
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /** Runs `work` holding the write lock: all of it happens, or, when it throws, nothing. */
  transaction<T>(work: () => T): T;
}

export function typed(handle: DatabaseSync): Database {
  const begin = handle.prepare('BEGIN IMMEDIATE');
  const commit = handle.prepare('COMMIT');
  return {
    prepare<Row>(sql: string): Statement<Row> {
      const statement = handle.prepare(sql);
      // Objects made here cost two thirds of those that the driver makes.
      statement.setReturnArrays(true);
      const names = statement.columns().map(({ name }) => name);
      const object = (cells: unknown[]): Row => {
        const row: Record<string, unknown> = {};
        for (let column = 0; column < names.length; column += 1) row[names[column]!] = cells[column];
        return row as Row;
      };
      return {
        get: (...values) => {
          const cells = statement.get(...values) as unknown[] | undefined;
          return cells && object(cells);
        },
        all: (...values) => (statement.all(...values) as unknown as unknown[][]).map(object),
        run: (...values) => Number(statement.run(...values).changes),
      };
    },
    transaction(work) {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        if (handle.isTransaction) handle.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** The sequence number in an `after`; NaN, which SQLite takes for NULL and so matches no row, when it is none of ours. */
export const sequence = (after: string): number => (/^\d{1,15}$/.test(after) ? Number(after) : Number.NaN);
