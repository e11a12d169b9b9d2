/** Picking from a result: `--json a,b`, `--field PATH`. */
import { UmaError } from '../protocol/errors.ts';

/** The names in `--json a,b`; undefined for a bare `--json` or none. */
export function fieldList(option: unknown): string[] | undefined {
  if (typeof option !== 'string') return undefined;
  const names = option.split(',').flatMap((name) => name.trim() || []);
  return names.length === 0 ? undefined : names;
}

/** @throws UmaError `unknown_field` (usage) that lists the valid ones. */
export function checkFields(wanted: readonly string[], valid: readonly string[]): void {
  const unknown = wanted.find((name) => !valid.includes(name));
  if (unknown === undefined) return;
  throw new UmaError('usage', 'unknown_field', `there is no field "${unknown}"`, {
    hint: `valid fields: ${valid.join(', ')}`,
  });
}

/** The members of a value, or of a list's entries: what `--json` may name where the command does not say. */
export function membersOf(value: object): string[] {
  return [...new Set((Array.isArray(value) ? value : [value]).flatMap((item) => Object.keys(item as object)))];
}

/** The value with these members only; a list entry by entry. */
export function pick(value: object, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => pick(item as object, names));
  const members = value as Record<string, unknown>;
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(members, name) ? [[name, members[name]]] : [])));
}

/** What stands at `permissions[0].resource_id` (also `permissions.0.resource_id`); undefined where the path ends before. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
