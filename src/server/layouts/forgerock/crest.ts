/** How AM's JSON side asks and answers: query filters, sorting, pages, error bodies (8.1 uma/uma-policies.html, endpoint-policies.html). */
import type { ForgerockError, ForgerockQueryResult } from '../../../wire/forgerock.ts';

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

/** An error answer of the JSON side. */
export class CrestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
  get body(): ForgerockError {
    return { code: this.status, reason: REASONS[this.status] ?? 'Error', message: this.message };
  }
}

/** What a collection can be asked for: a field's values of an item. */
export type Fields<T> = Readonly<Record<string, (item: T) => readonly string[]>>;

type Test<T> = (item: T) => boolean;

const TOKEN = /"(?:[^"\\]|\\.)*"|[()!]|[^\s()!"]+/g;

/**
 * `true`, `false`, `field eq "value"`, `!`, `and`, `or`, parentheses; fields with or without a slash before them.
 * @throws CrestError 500 for a field that the collection does not have (as AM), 400 for what is no filter.
 */
export function parseFilter<T>(text: string, fields: Fields<T>): Test<T> {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const wrong = () => new CrestError(400, `The value of _queryFilter cannot be read: ${text}`);
  if (text.replace(TOKEN, '').trim() !== '') throw wrong();
  const word = (expected: string) => {
    if (tokens[at]?.toLowerCase() !== expected) return false;
    at += 1;
    return true;
  };
  const either = (): Test<T> => {
    let left = both();
    while (word('or')) {
      const [first, second] = [left, both()];
      left = (item) => first(item) || second(item);
    }
    return left;
  };
  const both = (): Test<T> => {
    let left = one();
    while (word('and')) {
      const [first, second] = [left, one()];
      left = (item) => first(item) && second(item);
    }
    return left;
  };
  const one = (): Test<T> => {
    if (word('!')) {
      const inner = one();
      return (item) => !inner(item);
    }
    if (word('(')) {
      const inner = either();
      if (!word(')')) throw wrong();
      return inner;
    }
    if (word('true')) return () => true;
    if (word('false')) return () => false;
    return comparison();
  };
  const comparison = (): Test<T> => {
    const [field, operator, value] = tokens.slice(at, at + 3);
    if (field === undefined || operator === undefined || value === undefined || /^[()!]$/.test(value)) throw wrong();
    at += 3;
    const name = field.replace(/^\//, '');
    const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (read === undefined) throw new CrestError(500, `'/${name}' not queryable`);
    if (operator.toLowerCase() !== 'eq') throw wrong();
    let wanted = value;
    if (value.startsWith('"')) {
      try {
        wanted = JSON.parse(value) as string;
      } catch {
        throw wrong();
      }
    }
    return (item) => read(item).includes(wanted);
  };
  const test = either();
  if (at !== tokens.length) throw wrong();
  return test;
}

/** What a list can be sorted by. */
export type Keys<T> = Readonly<Record<string, (item: T) => string | number>>;

/** The page that `parameters` ask for. Without `_queryFilter`, everything (as with `_queryId=*`). @throws CrestError as {@link parseFilter}. */
export function query<T>(
  items: readonly T[],
  parameters: Readonly<Record<string, string>>,
  fields: Fields<T>,
  keys: Keys<T>,
): ForgerockQueryResult<T> {
  const { _queryFilter: filter = 'true', _sortKeys: sort, _fields: wanted } = parameters;
  const found = items.filter(parseFilter(filter, fields));
  for (const key of (sort ?? '')
    .split(',')
    .filter((part) => part !== '')
    .reverse()) {
    const name = key.replace(/^[+-]/, '').replace(/^\//, '');
    const read = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (read === undefined) throw new CrestError(500, `'/${name}' not sortable`);
    const direction = key.startsWith('-') ? -1 : 1;
    found.sort((a, b) => {
      const [x, y] = [read(a), read(b)];
      return x === y ? 0 : (x < y ? -1 : 1) * direction;
    });
  }
  const start = whole('_pagedResultsOffset', parameters._pagedResultsOffset) ?? 0;
  const size = whole('_pageSize', parameters._pageSize) || found.length;
  const page = found.slice(start, start + size);
  return {
    result: wanted === undefined ? page : page.map((item) => only(item, wanted)),
    resultCount: page.length,
    pagedResultsCookie: null,
    remainingPagedResults: Math.max(0, found.length - start - page.length),
  };
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new CrestError(400, `The value of ${name} is not a whole number`);
}

function only<T>(item: T, wanted: string): T {
  const names = new Set(wanted.split(',').map((name) => name.replace(/^\//, '')));
  return Object.fromEntries(Object.entries(item as object).filter(([name]) => names.has(name))) as T;
}

/** A revision: changes with the content, says nothing else. */
export function revisionOf(value: unknown): string {
  let sum = 0;
  for (const char of JSON.stringify(value)) sum = (Math.imul(sum, 31) + char.codePointAt(0)!) | 0;
  return String(sum);
}
