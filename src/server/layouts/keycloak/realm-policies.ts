/** Permissions of imported authorization settings as policies of this server, resource by resource: also those registered later. */
import { hash } from 'node:crypto';
import type { PolicyDescription } from '../../../protocol/owner.ts';
import type { ResourceRecord, Stores } from '../../stores/types.ts';
import { resourcesOfServer } from './caller.ts';
import { allOf, anyOf, claimsOf, EVERYBODY, type Term } from './import/terms.ts';
import type { Realm, RealmPermission, ResourceServerSettings } from './realm.ts';

/** Ids of policies that came from the realm's settings begin with it; owners neither see nor change them. */
export const REALM_POLICY = 'realm-';

export interface RealmPolicies {
  /** Brings a resource's policies in line with the settings. */
  apply(resource: ResourceRecord): Promise<void>;
  /** The same for all resources that the store has. */
  applyAll(): Promise<void>;
}

export function realmPolicies(realm: Realm, issuer: string, stores: Stores, now: () => number): RealmPolicies {
  async function apply(resource: ResourceRecord): Promise<void> {
    const settings = realm.clients.get(resource.rs)?.server;
    if (settings === undefined) return;
    const { id: resource_id, owner } = resource;
    const wanted = new Map(
      policiesFor(resource, settings, issuer).map((description): [string, PolicyDescription] => [
        REALM_POLICY + hash('sha256', JSON.stringify([owner, description]), 'base64url').slice(0, 22),
        description,
      ]),
    );
    for (const { id } of await stores.policies.ofResources([resource_id])) {
      if (!id.startsWith(REALM_POLICY)) continue;
      if (!wanted.delete(id)) {
        await stores.policies.delete(id, owner);
        await stores.refreshes.withdraw(resource_id, {});
        await stores.rpts.withdraw(resource_id, {});
      }
    }
    for (const [id, description] of wanted)
      await stores.policies.create({ ...description, id, owner, created_at: now(), updated_at: now() });
  }

  return {
    apply,
    async applyAll() {
      for (const [rs, { server }] of realm.clients)
        if (server !== undefined) for (const resource of await resourcesOfServer(stores, rs)) await apply(resource);
    },
  };
}

/** One policy an alternative, about all scopes that it is an alternative for. */
function policiesFor(resource: ResourceRecord, settings: ResourceServerSettings, issuer: string): PolicyDescription[] {
  const byTerm = new Map<string, { term: Term; scopes: string[] }>();
  for (const scope of resource.description.resource_scopes) {
    const permissions = settings.permissions.filter((permission) => isAbout(permission, resource, scope, settings));
    const parts = permissions.map((permission) => permission.anyOf);
    const terms =
      parts.length > 0
        ? (settings.strategy === 'AFFIRMATIVE' ? anyOf : allOf)(parts)
        : settings.otherwise === 'allow'
          ? [EVERYBODY]
          : [];
    for (const term of terms) {
      const key = JSON.stringify(term);
      byTerm.set(key, { term, scopes: [...(byTerm.get(key)?.scopes ?? []), scope] });
    }
  }
  return [...byTerm.values()].map(({ term, scopes }) => {
    const claims = claimsOf(term, issuer);
    return {
      resource_id: resource.id,
      effect: 'allow',
      scopes,
      subject: { anyone: true },
      ...(claims.length === 0 ? {} : { claims }),
      ...(term.clients === undefined ? {} : { clients: [...term.clients] }),
      name: 'authorization settings of the realm',
    };
  });
}

function isAbout(
  { scopes, resources, resourceType }: RealmPermission,
  { description: { name = '', type } }: ResourceRecord,
  scope: string,
  { types }: ResourceServerSettings,
): boolean {
  if (scopes !== undefined && !scopes.includes(scope)) return false;
  if (resourceType !== undefined) return type === resourceType;
  if (resources.length === 0) return scopes !== undefined;
  return resources.includes(name) || resources.some((item) => type !== undefined && types.get(item) === type);
}
