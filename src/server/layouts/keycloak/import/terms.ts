/** Conditions of imported policies as alternatives of conjunctions, which is what policies of this server can say. */
import type { PolicyClaim } from '../../../../protocol/owner.ts';

/** All that is named must hold; inside a list, one is enough. */
export interface Term {
  roles: readonly (readonly string[])[];
  groups: readonly (readonly string[])[];
  /** Subjects. */
  users?: readonly string[];
  clients?: readonly string[];
}

export const EVERYBODY: Term = { roles: [], groups: [] };

export const anyOf = (alternatives: readonly (readonly Term[])[]): Term[] => alternatives.flat();

/** Every combination; one that nobody can satisfy is left out. */
export function allOf(parts: readonly (readonly Term[])[]): Term[] {
  return parts.reduce<Term[]>(
    (sofar, part) => sofar.flatMap((a) => part.flatMap((b) => both(a, b) ?? [])),
    [EVERYBODY],
  );
}

function both(a: Term, b: Term): Term | undefined {
  const users = common(a.users, b.users);
  const clients = common(a.clients, b.clients);
  if (users?.length === 0 || clients?.length === 0) return undefined;
  return {
    roles: [...a.roles, ...b.roles],
    groups: [...a.groups, ...b.groups],
    ...(users === undefined ? {} : { users }),
    ...(clients === undefined ? {} : { clients }),
  };
}

function common(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((item) => b.includes(item));
}

/** @param issuer only what this server itself says of a person counts. */
export function claimsOf({ roles, groups, users }: Term, issuer: string): PolicyClaim[] {
  const claim = (name: string, values: readonly string[]) => ({ name, values: [...values], issuer: [issuer] });
  return [
    ...roles.map((values) => claim('roles', values)),
    ...groups.map((values) => claim('groups', values)),
    ...(users === undefined ? [] : [claim('sub', users)]),
  ];
}
