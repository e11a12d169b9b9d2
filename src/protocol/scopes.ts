/** Scope strings and the set calculation of UMA Grant 3.3.4. A scope set is an array without repeats, in first-seen order. */

/** Splits a `scope` parameter (RFC 6749 3.3: one space between scopes); empty or absent gives no scope. */
export function parseScope(scope: string | undefined): string[] {
  return scope === undefined ? [] : union(scope.split(' ').filter((item) => item !== ''));
}

/** Scopes that are looked through one by one: for as few as there mostly are, that is quicker than a Set. */
const FEW = 16;

export function union(...sets: (readonly string[])[]): string[] {
  const all = sets.flat();
  return all.length > FEW ? [...new Set(all)] : all.filter((scope, index) => all.indexOf(scope) === index);
}

export function intersection(a: readonly string[], b: readonly string[]): string[] {
  const isIn = within(b);
  return union(a.filter((scope) => isIn(scope)));
}

export function difference(a: readonly string[], b: readonly string[]): string[] {
  const isIn = within(b);
  return union(a.filter((scope) => !isIn(scope)));
}

function within(set: readonly string[]): (scope: string) => boolean {
  if (set.length <= FEW) return (scope) => set.includes(scope);
  const all = new Set(set);
  return (scope) => all.has(scope);
}

export function includesAll(set: readonly string[], wanted: readonly string[]): boolean {
  return difference(wanted, set).length === 0;
}

export interface ScopeSets {
  /** TicketScopes(resource). */
  ticket: readonly string[];
  /** Scopes registered on the resource. */
  available: readonly string[];
  /** RegisteredScopes: scopes registered for the client; undefined = every scope. */
  registered: readonly string[] | undefined;
  /** RequestedScopes: `scope` of the current token request. */
  requested: readonly string[];
}

/**
 * RequestedScopes(resource) = TicketScopes(resource) ∪ (RegisteredScopes ∩ RequestedScopes), an asked scope counting only
 * where the resource offers it (UMA Grant 3.3.4). Ticket scopes that the resource has lost since are left out.
 */
export function requestedScopesOf(sets: ScopeSets): string[] {
  const asked = sets.registered === undefined ? sets.requested : intersection(sets.requested, sets.registered);
  return intersection(union(sets.ticket, asked), sets.available);
}
