/**
 * layouts/keycloak: this server at Keycloak's addresses, with its shapes and texts (wire/keycloak.ts), for stock clients that know no
 * other. A realm file (`--import`) says who is there. What is decided is authorization/'s; where a stock client needs less than the
 * house asks for, it is a switch in layout.ts. Must not import `client`.
 *
 * This file: what of a realm the layout needs beside the server's configuration: roles, service accounts, resource servers.
 */
import { hash } from 'node:crypto';
import type { ResourceRecord } from '../../stores/types.ts';
import type { Term } from './import/terms.ts';
import type { Redirects } from './redirects.ts';

export interface Roles {
  realm: readonly string[];
  /** By client id. */
  clients: Readonly<Record<string, readonly string[]>>;
}

export const NO_ROLES: Roles = { realm: [], clients: {} };

/** The person that a client is when it acts for itself. */
export interface ServiceAccount {
  sub: string;
  username: string;
  roles: Roles;
}

/** A permission of the authorization settings, its policies already combined to alternatives. */
export interface RealmPermission {
  name: string;
  /** Absent = every scope of the resource. */
  scopes?: readonly string[];
  /** Names of resources; empty = every one that has the scopes, unless a type is given. */
  resources: readonly string[];
  resourceType?: string;
  /** Any one of them is enough; none = nobody. */
  anyOf: readonly Term[];
}

export interface ResourceServerSettings {
  /** How several permissions on the same scope are combined. */
  strategy: 'UNANIMOUS' | 'AFFIRMATIVE';
  /** What holds where no permission is about a scope. */
  otherwise: 'deny' | 'allow';
  /** Names of scopes that are known before a resource has them. */
  scopes: readonly string[];
  permissions: readonly RealmPermission[];
  /** Types of the settings' own resources by name: a permission on one is about all of its type. */
  types: ReadonlyMap<string, string>;
}

export interface AfterLogout extends Readonly<Redirects> {
  /** The addresses after a sign-in too. */
  others: boolean;
}

export interface RealmClient {
  /** Keycloak's internal id: who owns what the resource server registers for itself. */
  id: string;
  client_id: string;
  origins: readonly string[];
  /** Of redirect addresses that end in `*`: what comes before (redirects.ts). */
  beginnings?: readonly string[];
  /** Where a browser may go after a sign-out; absent = where it may after a sign-in. */
  afterLogout?: AfterLogout;
  account?: ServiceAccount;
  /** Present = it may protect resources. */
  server?: ResourceServerSettings;
}

export interface Realm {
  name: string;
  /** By client id. */
  clients: ReadonlyMap<string, RealmClient>;
  /** What policies can name: roles of the realm, of clients as `client/role`; paths of groups. */
  known: { roles: ReadonlySet<string>; groups: ReadonlySet<string> };
  /** By subject; people without roles may be missing. */
  roles: ReadonlyMap<string, Roles>;
}

/** A UUID that is the same after every start. */
export function stableId(...parts: readonly string[]): string {
  const digest = hash('sha256', JSON.stringify(parts), 'hex');
  return [8, 4, 4, 4, 12]
    .reduce<[string[], number]>(
      ([out, at], length) => [[...out, digest.slice(at, at + length)], at + length],
      [[], 0],
    )[0]
    .join('-');
}

export const scopeId = (rs: string, scope: string): string => stableId('scope', rs, scope);

/** Roles of a subject; of the service account where a client acts for itself (its subject in this server is its client id). */
export function rolesOf(realm: Realm, sub: string): Roles {
  return realm.roles.get(sub) ?? realm.clients.get(sub)?.account?.roles ?? NO_ROLES;
}

/** How Keycloak names a subject of this server: a service account has a user of its own. */
export function wireSubject(realm: Realm, sub: string): string {
  return realm.clients.get(sub)?.account?.sub ?? sub;
}

/** How Keycloak names the owner of a resource: a resource server's own resources are its client's. */
export function wireOwner(realm: Realm, owner: string): string {
  return realm.clients.get(owner)?.id ?? owner;
}

export const isOwnerManaged = ({ description }: Pick<ResourceRecord, 'description'>): boolean =>
  description.ownerManagedAccess === true;
