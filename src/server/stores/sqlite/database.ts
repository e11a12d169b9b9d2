/**
 * sqlite/: one store a file on `node:sqlite`. Every public method is one statement or one BEGIN IMMEDIATE transaction, so that
 * several processes may share a file. Statements are prepared once, at opening. Imports only `protocol` and `../types.ts`.
 *
 * This file: the thin typed layer over DatabaseSync.
 */
import type { DatabaseSync } from 'node:sqlite';
import { failure } from './failures.ts';

export type Value = string | number | null;

/** A prepared statement. Parameters are `?`, in order. Throws as {@link failure} says. */
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
        get(...values) {
          try {
            const cells = statement.get(...values) as unknown[] | undefined;
            return cells && object(cells);
          } catch (error) {
            throw failure(error);
          }
        },
        all(...values) {
          try {
            return (statement.all(...values) as unknown as unknown[][]).map(object);
          } catch (error) {
            throw failure(error);
          }
        },
        run(...values) {
          try {
            return Number(statement.run(...values).changes);
          } catch (error) {
            throw failure(error);
          }
        },
      };
    },
    transaction(work) {
      try {
        begin.run();
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        if (handle.isTransaction) handle.exec('ROLLBACK');
        throw failure(error);
      }
    },
  };
}

/** The sequence number in an `after`; NaN, which SQLite takes for NULL and so matches no row, when it is none of ours. */
export const sequence = (after: string): number => (/^\d{1,15}$/.test(after) ? Number(after) : Number.NaN);
