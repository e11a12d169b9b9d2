/**
 * sqlite/: one store a file on `node:sqlite`. Every public method is one statement or one BEGIN IMMEDIATE transaction, so that
 * several processes may share a file. Statements are prepared once, at opening. Imports only `protocol` and `../types.ts`.
 *
 * This file: the thin typed layer over DatabaseSync.
 */
import type { DatabaseSync } from 'node:sqlite';
import { failure } from './failures.ts';
import type { Recent } from './recent.ts';

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
  /** See {@link Recent.keep}: the read itself where others write this database too. */
  keep: Recent['keep'];
}

/**
 * The table that a statement writes, and whether rows that were there before may be other ones after it; undefined for one that reads.
 * @throws TypeError for a statement of which that cannot be seen.
 */
function writing(sql: string): { table: string; kind: 'added' | 'changed' } | undefined {
  if (/^\s*SELECT\s/.test(sql)) return undefined;
  const [, verb, table] = /^\s*(INSERT INTO|INSERT OR REPLACE INTO|UPDATE|DELETE FROM)\s+(\w+)/.exec(sql) ?? [];
  if (table === undefined) throw new TypeError(`not to be seen which table it writes: ${sql}`);
  return { table, kind: verb === 'INSERT INTO' && !sql.includes('ON CONFLICT') ? 'added' : 'changed' };
}

export function typed(handle: DatabaseSync, recent: Recent): Database {
  const begin = handle.prepare('BEGIN IMMEDIATE');
  const commit = handle.prepare('COMMIT');
  return {
    keep: recent.keep,
    prepare<Row>(sql: string): Statement<Row> {
      const statement = handle.prepare(sql);
      // Objects made here cost two thirds of those that the driver makes.
      statement.setReturnArrays(true);
      const written = writing(sql);
      const wrote = written === undefined ? () => {} : () => recent.wrote(written.table, written.kind);
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
            const rows = statement.all(...values) as unknown as unknown[][];
            if (rows.length > 0) wrote();
            return rows.map(object);
          } catch (error) {
            throw failure(error);
          }
        },
        run(...values) {
          try {
            const changes = Number(statement.run(...values).changes);
            if (changes > 0) wrote();
            return changes;
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
        recent.forget();
        throw failure(error);
      }
    },
  };
}

/** The sequence number in an `after`; NaN, which SQLite takes for NULL and so matches no row, when it is none of ours. */
export const sequence = (after: string): number => (/^\d{1,15}$/.test(after) ? Number(after) : Number.NaN);
