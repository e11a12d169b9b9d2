/** From a request to the rule that decides about it, and why: enforcement and `uma gateway explain` ask the same function. */
import { UmaError } from '../protocol/errors.ts';
import { readTarget, type Target } from './path.ts';
import { groupsOf, type Routes, type Rule } from './routes.ts';

/** The protected thing that a request is about. */
export interface Subject {
  /** Undefined: of the resource server itself. */
  owner: string | undefined;
  /** The resource's name, filled in. */
  name: string;
  /** The rule's name for it, with its groups: what is registered with which scopes. */
  template: string;
  /** One string for each owner, template and values: names alone could be made to meet. */
  key: string;
  /** What this request needs. */
  scopes: readonly string[];
  rule: Rule;
}

/** A rule that was looked at before the one that decided. */
export interface Tried {
  number: number;
  path: string;
  /** Why it does not fit; undefined for the one that does. */
  why?: string;
}

export interface Match {
  target: Target;
  access: 'protect' | 'deny' | 'pass';
  /** Undefined when the file's default decides. */
  rule?: Rule;
  /** Present exactly when `access` is `protect`. */
  subject?: Subject;
  tried: Tried[];
}

/**
 * Finds the rule. `target` is the request target as sent.
 * @throws UmaError `ambiguous_path` as `readTarget`; `ambiguous_query` for a repeated parameter that a rule asks about.
 */
export function matchRequest(routes: Routes, method: string, target: string): Match {
  const read = readTarget(target);
  const tried: Tried[] = [];
  for (const rule of routes.rules) {
    const found = rule.pattern.exec({ pathname: read.path });
    const why =
      found === null
        ? 'another path'
        : rule.methods !== undefined && !rule.methods.has(method)
          ? `only ${[...rule.methods].join(', ')}`
          : otherQuery(rule, read.search);
    tried.push({ number: rule.number, path: rule.entry.path, ...(why === undefined ? {} : { why }) });
    if (why !== undefined || found === null) continue;
    const match = { target: read, access: rule.access, rule, tried };
    return rule.access === 'protect' ? { ...match, subject: subjectOf(rule, found.pathname.groups) } : match;
  }
  return { target: read, access: routes.file.default, tried };
}

function otherQuery({ entry }: Rule, search: URLSearchParams): string | undefined {
  for (const [name, wanted] of Object.entries(entry.query ?? {})) {
    const values = search.getAll(name);
    if (values.length > 1) {
      throw new UmaError('usage', 'ambiguous_query', `the query holds "${name}" ${values.length} times`, {
        hint: 'a parameter that decides about access is sent once',
      });
    }
    if (values.length === 0 || (wanted !== '*' && values[0] !== wanted)) return `only with ${name}=${wanted}`;
  }
  return undefined;
}

function subjectOf(rule: Rule, groups: Record<string, string | undefined>): Subject {
  const values = Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
  );
  const fill = (template: string) =>
    template.replace(/\{([A-Za-z_]\w*)\}/g, (_all, name: string) => values[name] ?? '');
  const owner = rule.owner === undefined ? undefined : fill(rule.owner);
  return {
    owner,
    name: fill(rule.resource),
    template: rule.resource,
    key: JSON.stringify([owner ?? null, rule.resource, ...groupsOf(rule.resource).map((name) => values[name] ?? '')]),
    scopes: rule.scopes,
    rule,
  };
}
