/**
 * memory/: what each exchange writes (tickets, RPTs, refresh tokens, history) of a server without a database file. In SQLite those
 * writes, with their indexes, are a third of an exchange. Only for a store that is private to its process: every method does its work
 * without a pause, so it is atomic there. Imports only `protocol` and the stores' types.
 *
 * This file: records by key, found also by other values.
 */
import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { UmaError } from '../../../protocol/errors.ts';
import { deepFrozen } from '../rows.ts';
import { type Place, Segments } from './segments.ts';

/** Of one kind. */
const LIMIT = 1_000_000;
/** Records looked at before other work gets its turn. */
const BATCH = 5000;

export interface Found<T> {
  record: T;
  used: boolean;
}

export interface Held<T, By extends string> {
  /** What the shape keeps is frozen, and the same object as long as nothing changes it. */
  get(key: string): Found<T> | undefined;
  /** Kept as JSON would. @throws Error for a key that is there, UmaError `store_unavailable` when it is full. */
  add(record: T): void;
  /** What the record of this key is now. Its own members, its end and what it is found by are as they were. */
  rewrite(record: T): void;
  use(key: string): void;
  delete(key: string): boolean;
  /** Those with this value, the newest first; `after` a key: from the next one on. What it has given may be deleted on the way. */
  with(by: By, value: string, after?: string): Generator<Found<T>>;
  all(): Generator<Found<T>>;
  /** Removes what ended at or before `time`; the count. */
  sweep(time: number): Promise<number>;
  readonly size: number;
}

export interface Shape<T, By extends string> {
  /** Strings that hardly any two records share. `key` and `expires_at` are kept like them. */
  own: readonly (keyof T & string)[];
  /** What is searched by: each costs a little at every write. */
  by: Readonly<Record<By, (record: T) => string>>;
  /** How many records that were read twice stay as they were made; default none. */
  recent?: number;
}

const [HASH, NEXT, PREVIOUS] = [0, 1, 2];
/** Share of heads with a list from which there are to be more: 1.4 values a head by then. */
const FULL = 0.75;

export function held<T extends { key: string; expires_at: number }, By extends string = never>({
  own,
  by,
  recent: keep = 0,
}: Shape<T, By>): Held<T, By> {
  const members = ['key', ...own] as (keyof T & string)[];
  const apart = Object.fromEntries([...members, 'expires_at'].map((member) => [member, undefined]));
  const names = Object.keys(by) as By[];
  const values = [(record: T) => record.key, ...names.map((name) => by[name])];
  const records = new Segments(values.length);
  /** By hash: the first place of each list, which has what was entered last. Lists of other values may be in between. */
  const heads = values.map(() => new Uint32Array(256));
  /** How many of them are no longer empty. */
  const begun = values.map(() => 0);
  const recent = new Map<string, Found<T>>();
  let size = 0;

  const headOf = (list: number, hash: number) => hash & (heads[list]!.length - 1);

  function enter(place: Place, list: number, hash: number): void {
    const head = headOf(list, hash);
    const next = heads[list]![head]!;
    records.setLink(place, list, HASH, hash);
    records.setLink(place, list, NEXT, next);
    setPrevious(place, list, 0);
    if (next === 0) begun[list]! += 1;
    else setPrevious(next, list, place);
    heads[list]![head] = place;
  }

  function setPrevious(place: Place, list: number, previous: Place): void {
    if (list > 0) records.setLink(place, list, PREVIOUS, previous);
  }

  /** 0 for the first of its list. */
  function previousOf(place: Place, list: number): Place {
    if (list > 0) return records.link(place, list, PREVIOUS);
    let previous = 0;
    let at = heads[0]![headOf(0, records.link(place, 0, HASH))]!;
    while (at !== place) {
      previous = at;
      at = records.link(at, 0, NEXT);
    }
    return previous;
  }

  /** Puts `to` where `place` is in a list, or, with `to` the one after it, takes it out. */
  function relink(place: Place, list: number, to: Place): void {
    const [next, previous] = [records.link(place, list, NEXT), previousOf(place, list)];
    if (previous === 0) {
      heads[list]![headOf(list, records.link(place, list, HASH))] = to;
      if (to === 0) begun[list]! -= 1;
    } else records.setLink(previous, list, NEXT, to);
    if (next !== 0) setPrevious(next, list, to === next ? previous : to);
  }

  /** Twice as many heads, so that few values share one; the order of each list stays. */
  function grow(list: number): void {
    const before = heads[list]!;
    heads[list] = new Uint32Array(before.length * 2);
    begun[list] = 0;
    for (const first of before) {
      const places: Place[] = [];
      for (let place = first; place !== 0; place = records.link(place, list, NEXT)) places.push(place);
      for (const place of places.reverse()) enter(place, list, records.link(place, list, HASH));
    }
  }

  function find(key: string): Place {
    const hash = hashOf(key);
    let place = heads[0]![headOf(0, hash)]!;
    while (place !== 0 && (records.link(place, 0, HASH) !== hash || records.own(place, 0) !== key))
      place = records.link(place, 0, NEXT);
    return place;
  }

  function remove(place: Place): void {
    if (recent.size > 0) recent.delete(records.own(place, 0));
    for (let list = 0; list < heads.length; list += 1) relink(place, list, records.link(place, list, NEXT));
    records.remove(place);
    size -= 1;
  }

  const textOf = (record: T): string => JSON.stringify({ ...record, ...apart });

  function made(place: Place, record: Record<string, unknown>): Found<T> {
    record.expires_at = records.end(place);
    for (let index = 0; index < members.length; index += 1) record[members[index]!] = records.own(place, index);
    return { record: record as T, used: records.isUsed(place) };
  }

  /** Makes records one after the other: of neighbours with one text it is read once. */
  function reader(): (place: Place) => Found<T> {
    let [text, shared] = ['', {}];
    return (place) => {
      const found = records.text(place);
      if (found !== text) [text, shared] = [found, JSON.parse(found) as object];
      return made(place, { ...shared });
    };
  }

  function move(place: Place): void {
    const to = records.copy(place);
    for (let list = 0; list < heads.length; list += 1) relink(place, list, to);
    records.remove(place);
  }

  return {
    get(key) {
      const known = recent.get(key);
      if (known !== undefined) return known;
      const place = find(key);
      if (place === 0) return undefined;
      const found = made(place, JSON.parse(records.text(place)) as Record<string, unknown>);
      if (keep === 0 || !records.wasRead(place)) return found;
      if (recent.size >= keep) recent.delete(recent.keys().next().value!);
      recent.set(key, deepFrozen(found));
      return found;
    },
    add(record) {
      if (find(record.key) !== 0) throw new Error('a record of this key is there');
      if (size >= LIMIT) {
        throw new UmaError('network', 'store_unavailable', `the store in memory is full (${LIMIT} records of a kind)`, {
          hint: 'give --data or --store, or shorter lifetimes',
        });
      }
      const strings = members.map((member) => record[member] as string);
      const place = records.add(strings, record.expires_at, textOf(record));
      for (let list = 0; list < values.length; list += 1) {
        enter(place, list, hashOf(values[list]!(record)));
        if (begun[list]! > heads[list]!.length * FULL) grow(list);
      }
      size += 1;
    },
    rewrite(record) {
      recent.delete(record.key);
      records.rewrite(find(record.key), textOf(record));
    },
    use(key) {
      recent.delete(key);
      records.use(find(key));
    },
    delete(key) {
      const place = find(key);
      if (place === 0) return false;
      remove(place);
      return true;
    },
    *with(name, value, after) {
      const list = names.indexOf(name) + 1;
      const hash = hashOf(value);
      const last = after === undefined ? 0 : find(after);
      if (after !== undefined && last === 0) return;
      const read = reader();
      let place = last === 0 ? heads[list]![headOf(list, hash)]! : records.link(last, list, NEXT);
      while (place !== 0) {
        const next = records.link(place, list, NEXT);
        if (records.link(place, list, HASH) === hash) {
          const found = read(place);
          if (by[name](found.record) === value) yield found;
        }
        place = next;
      }
    },
    *all() {
      const read = reader();
      for (const number of records.numbers()) for (const place of records.places(number)) yield read(place);
    },
    async sweep(time) {
      let [looked, removed] = [0, 0];
      for (const number of records.numbers(time)) {
        let earliest = Number.POSITIVE_INFINITY;
        for (const place of records.places(number)) {
          looked += 1;
          const end = records.end(place);
          if (end > time) earliest = Math.min(earliest, end);
          else {
            remove(place);
            removed += 1;
          }
        }
        records.endsFrom(number, earliest);
        if (looked < BATCH) continue;
        looked = 0;
        await setImmediate();
      }
      // What is left of segments that are mostly holes moves together.
      for (const number of records.numbers()) {
        if (!records.isSparse(number)) continue;
        for (const place of records.places(number)) move(place);
        await setImmediate();
      }
      return removed;
    },
    get size() {
      return size;
    },
  };
}

/** So that nobody outside can tell which values share a list. */
const SEED = randomInt(2 ** 31);

/** FNV-1a, 32 bits. */
function hashOf(value: string): number {
  let hash = 0x811c9dc5 ^ SEED;
  for (let index = 0; index < value.length; index += 1) hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
