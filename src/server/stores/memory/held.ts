/**
 * memory/: tickets, RPTs and refresh tokens of a server without a database file, in maps. Each exchange writes all three, and in
 * SQLite those writes, with their indexes, are a third of it. Only for a store that is private to its process: every method does its work
 * without a pause, so it is atomic there. Imports only `protocol` and the stores' types.
 *
 * This file: records by key, found also by other members.
 */
import { setImmediate } from 'node:timers/promises';
import { UmaError } from '../../../protocol/errors.ts';

/** Of one kind; about what a database in memory took, and far from the end of the heap. */
const LIMIT = 500_000;
/** Records looked at before other work gets its turn. */
const BATCH = 5000;

type Member<T> = { [K in keyof T]-?: T[K] extends string ? K : never }[keyof T];

export interface Held<T> {
  get(key: string): T | undefined;
  /** Frozen as a copy, so that nobody changes it in passing. @throws Error for a key that is there. */
  add(record: T): void;
  replace(record: T): void;
  delete(key: string): boolean;
  /** All that have this value, or all there are. A copy: deleting on the way is fine. */
  with(member: Member<T> | undefined, value?: string): T[];
  /** Removes what ended at or before `time`; the count. */
  sweep(time: number): Promise<number>;
}

/** @param members what is searched by: each costs a little at every write. */
export function held<T extends { key: string; expires_at: number }>(members: readonly Member<T>[]): Held<T> {
  const records = new Map<string, T>();
  // Most values have one record, for which a set of its own would be much.
  const index = new Map(members.map((member) => [member, new Map<string, string | Set<string>>()]));

  function enter(record: T): void {
    records.set(record.key, record);
    for (const [member, keys] of index) {
      const value = record[member] as string;
      const known = keys.get(value);
      if (known === undefined) keys.set(value, record.key);
      else if (typeof known === 'string') keys.set(value, new Set([known, record.key]));
      else known.add(record.key);
    }
  }

  function remove(key: string): boolean {
    const record = records.get(key);
    if (record === undefined) return false;
    records.delete(key);
    for (const [member, keys] of index) {
      const value = record[member] as string;
      const known = keys.get(value);
      if (typeof known === 'object') known.delete(key);
      if (known === key || (typeof known === 'object' && known.size === 0)) keys.delete(value);
    }
    return true;
  }

  return {
    get: (key) => records.get(key),
    add(record) {
      if (records.has(record.key)) throw new Error('a record of this key is there');
      if (records.size >= LIMIT) {
        throw new UmaError('network', 'store_unavailable', `the store in memory is full (${LIMIT} records of a kind)`, {
          hint: 'give --data or --store, or shorter lifetimes',
        });
      }
      enter(frozenCopy(record));
    },
    replace(record) {
      remove(record.key);
      enter(frozenCopy(record));
    },
    delete: remove,
    with(member, value = '') {
      if (member === undefined) return [...records.values()];
      const known = index.get(member)?.get(value);
      const keys = typeof known === 'object' ? [...known] : known === undefined ? [] : [known];
      return keys.map((key) => records.get(key)!);
    },
    async sweep(time) {
      let [looked, removed] = [0, 0];
      for (const { key, expires_at } of records.values()) {
        if (expires_at <= time && remove(key)) removed += 1;
        looked += 1;
        if (looked % BATCH === 0) await setImmediate();
      }
      return removed;
    },
  };
}

/** A copy as JSON would make it, frozen in all its parts; what is frozen already was made here. */
function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) if (member !== undefined) copy[name] = frozenCopy(member);
  return Object.freeze(copy) as T;
}
