/** A realm file as JSON of unknown content: what is read is taken by name, and what nobody took is told. */
import { UmaError } from '../../../../protocol/errors.ts';
import { isObject } from '../../../../protocol/http.ts';

/** Things of the file that this server does not take over, in words; each once. */
export type Notes = Set<string>;

export interface Reader {
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  seconds(name: string): number | undefined;
  texts(name: string): string[];
  /** String lists by name. */
  lists(name: string): Record<string, string[]>;
  object(name: string): Reader | undefined;
  objects(name: string): Reader[];
  /** A JSON text inside, as Keycloak writes policies' settings. Undefined when it is missing or no JSON. */
  json(name: string): unknown;
  raw(name: string): unknown;
  /** Takes a member without reading it. */
  ignore(...names: string[]): void;
  /** Names the members that nobody took and that say something. */
  finish(): void;
}

/** @param place of the object in the file, like `clients[]`. @throws UmaError `invalid_realm` (config) for another JSON type than Keycloak writes. */
export function reader(value: unknown, place: string, notes: Notes): Reader {
  if (!isObject(value)) throw wrong(place, 'an object');
  const taken = new Set<string>();
  const at = (name: string) => (place === '' ? name : `${place}.${name}`);
  function take<T>(name: string, is: (item: unknown) => item is T, what: string): T | undefined {
    taken.add(name);
    const item = (value as Record<string, unknown>)[name];
    if (item === undefined || item === null) return undefined;
    if (!is(item)) throw wrong(at(name), what);
    return item;
  }
  const isText = (item: unknown): item is string => typeof item === 'string';
  const isTexts = (item: unknown): item is string[] => Array.isArray(item) && item.every(isText);
  return {
    text: (name) => take(name, isText, 'a string'),
    flag: (name) => take(name, (item): item is boolean => typeof item === 'boolean', 'true or false'),
    seconds(name) {
      const given = take(name, (item): item is number | string => /^\d{1,9}$/.test(String(item)), 'whole seconds');
      return given === undefined ? undefined : Number(given);
    },
    texts: (name) => take(name, isTexts, 'an array of strings') ?? [],
    lists: (name) =>
      take(
        name,
        (item): item is Record<string, string[]> => isObject(item) && Object.values(item).every(isTexts),
        'string arrays by name',
      ) ?? {},
    object(name) {
      const inner = take(name, isObject, 'an object');
      return inner && reader(inner, at(name), notes);
    },
    objects(name) {
      const list = take(name, (item): item is unknown[] => Array.isArray(item), 'an array') ?? [];
      return list.map((item) => reader(item, `${at(name)}[]`, notes));
    },
    json(name) {
      const written = take(name, isText, 'a JSON text');
      try {
        return written === undefined ? undefined : (JSON.parse(written) as unknown);
      } catch {
        return undefined;
      }
    },
    raw(name) {
      taken.add(name);
      return value[name];
    },
    ignore(...names) {
      for (const name of names) taken.add(name);
    },
    finish() {
      for (const [name, item] of Object.entries(value)) if (!taken.has(name) && !isBlank(item)) notes.add(at(name));
    },
  };
}

/** Says nothing: a default that every export carries along. */
function isBlank(item: unknown): boolean {
  if (item === null || item === false || item === 'false' || item === '' || item === 0 || item === -1) return true;
  return typeof item === 'object' && Object.values(item as object).length === 0;
}

function wrong(place: string, expected: string): UmaError {
  return new UmaError(
    'config',
    'invalid_realm',
    `the realm file: ${place === '' ? 'it' : `"${place}"`} must be ${expected}`,
    {
      hint: 'give what `kc.sh export` or the admin console writes for one realm',
    },
  );
}
