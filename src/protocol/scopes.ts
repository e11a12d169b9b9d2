/** Scope strings and the set calculation of UMA Grant 3.3.4. A scope set is an array without repeats, in first-seen order. */

/** Splits a `scope` parameter (RFC 6749 3.3: one space between scopes); empty or absent gives no scope. */
export function parseScope(scope: string | undefined): string[] {
  return scope === undefined ? [] : union(scope.split(' ').filter((item) => item !== ''));
}

export function union(...sets: (readonly string[])[]): string[] {
  return [...new Set(sets.flat())];
}

export function intersection(a: readonly string[], b: readonly string[]): string[] {
  const other = new Set(b);
  return union(a.filter((scope) => other.has(scope)));
}

export function difference(a: readonly string[], b: readonly string[]): string[] {
  const other = new Set(b);
  return union(a.filter((scope) => !other.has(scope)));
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
