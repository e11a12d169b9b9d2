/** Bodies as Keycloak takes them: JSON with known members only, named in the refusal; forms. */
import { isObject, isStringArray } from '../../../protocol/http.ts';
import type { BodyReader } from '../../http/body.ts';
import { Refusal } from '../../http/refusal.ts';
import { unreadable } from './errors.ts';

/** Forms whose members may repeat (`permission`); whatever else repeats is refused (GRANT-3.3.1-15). */
export const REPEATING_FORM: BodyReader<URLSearchParams> = {
  type: 'application/x-www-form-urlencoded',
  read(text) {
    const form = new URLSearchParams(text);
    const seen = new Set<string>();
    for (const name of form.keys()) {
      if (name !== 'permission' && seen.has(name)) throw new Refusal(400, 'invalid_request', 'duplicated parameter');
      seen.add(name);
    }
    return form;
  },
};

/** @throws Refusal 400 for another JSON type or a member that is not one of `known`. */
export function membersOf(body: unknown, known: readonly string[], what: string): Record<string, unknown> {
  if (!isObject(body)) throw unreadable();
  const stranger = Object.keys(body).find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new Refusal(
      400,
      `Invalid json representation for ${what}. Unrecognized field "${stranger}" at line 1 column 1.`,
      `the member ${stranger} is not known here`,
    );
  return body;
}

/** @throws Refusal 400 for anything but a string or nothing. */
export function textOf(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw unreadable();
  return value;
}

/** @throws Refusal 400 for anything but strings or nothing. */
export function textsOf(body: Record<string, unknown>, name: string): string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isStringArray(value)) throw unreadable();
  return value;
}

/** `{ id, name }` or a bare name. @throws Refusal 400 for anything else. */
export function namesOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw unreadable();
  return [
    ...new Set(
      value.map((item: unknown) => {
        const name = isObject(item) ? item.name : item;
        if (typeof name !== 'string' || name === '') throw unreadable();
        return name;
      }),
    ),
  ];
}

export const pageOf = <T>(
  items: readonly T[],
  query: Readonly<Record<string, string | undefined>>,
  most = 100,
): T[] => {
  const first = wholeNumber(query.first, 0);
  const max = wholeNumber(query.max, most);
  return max < 0 ? items.slice(first) : items.slice(first, first + max);
};

function wholeNumber(text: string | undefined, standard: number): number {
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : standard;
}
