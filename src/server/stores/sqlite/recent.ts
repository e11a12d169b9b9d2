/**
 * What was read lately, kept as it was made from its rows, for a database that only this process can write: most requests ask
 * for the same few records again, and reading and parsing them is most of what a store costs there.
 */
import { deepFrozen } from '../rows.ts';
import type { Value } from './database.ts';

/** Kept answers of one read; the oldest goes first. */
const SIZE = 4096;

export interface Recent {
  /**
   * The same read, remembering what it found (nothing found is asked again). What it gave is frozen, for it is given again.
   * `tables`: where it reads; an answer is dropped when something there was written. `byKey`: what is found by a whole unique key
   * does not change by rows that are added.
   */
  keep<T extends object, Key extends Value[]>(
    read: (...key: Key) => T | undefined,
    tables: readonly string[],
    options?: { byKey: boolean },
  ): (...key: Key) => T | undefined;
  /** To be called after a statement that wrote. */
  wrote(table: string, kind: 'added' | 'changed'): void;
  /** To be called when writes were taken back. */
  forget(): void;
}

/** For a database that others write too: keeps nothing. */
export const NOTHING_RECENT: Recent = { keep: (read) => read, wrote: () => {}, forget: () => {} };

export function recentReads(): Recent {
  const reads: { kept: Map<Value, object>; tables: ReadonlySet<string>; byKey: boolean }[] = [];
  return {
    keep(read, tables, { byKey } = { byKey: false }) {
      const kept = new Map<Value, object>();
      reads.push({ kept, tables: new Set(tables), byKey });
      return (...key) => {
        const name = key.length === 1 ? key[0]! : unambiguous(key);
        const known = kept.get(name);
        if (known !== undefined) return known as ReturnType<typeof read>;
        const found = read(...key);
        if (found === undefined) return undefined;
        if (kept.size >= SIZE) kept.delete(kept.keys().next().value!);
        kept.set(name, deepFrozen(found));
        return found;
      };
    },
    wrote(table, kind) {
      for (const { kept, tables, byKey } of reads) {
        if (kept.size > 0 && tables.has(table) && !(byKey && kind === 'added')) kept.clear();
      }
    },
    forget() {
      for (const { kept } of reads) kept.clear();
    },
  };
}

/** With the length of each part before it, so that no other parts are written alike. */
function unambiguous(parts: readonly Value[]): string {
  let name = '';
  for (const part of parts) {
    const text = String(part);
    name += `${text.length}:${text}`;
  }
  return name;
}
