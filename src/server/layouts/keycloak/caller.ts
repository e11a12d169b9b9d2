/** Who asks at the protection API. At Keycloak a PAT is any access token of a resource server's client whose subject has the client role `uma_protection`. */
import { KEYCLOAK_PAT_ROLE } from '../../../wire/keycloak.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Asked } from '../../http/short-way.ts';
import { tokenIn } from '../../protection/pat.ts';
import type { Domain, ResourceRecord, Stores } from '../../stores/types.ts';
import { type Realm, type RealmClient, rolesOf } from './realm.ts';
import type { KeycloakTokens } from './tokens.ts';

export interface Caller extends Domain {
  /** The resource server itself, not a person: it answers for the resources of all owners that it registered. */
  itself: boolean;
  client: RealmClient & Required<Pick<RealmClient, 'server'>>;
  /** When its token ends, in seconds since the epoch. */
  until: number;
}

/** @throws Refusal 403 as Keycloak's: `invalid_bearer_token`, `invalid_clientId`, `invalid_scope`. */
export async function requireCaller(
  request: Pick<Asked, 'headers'>,
  tokens: KeycloakTokens,
  realm: Realm,
): Promise<Caller> {
  const given = tokenIn(request.headers.authorization);
  const token = given?.scheme === 'bearer' ? await tokens.live(given.token) : undefined;
  if (token?.kind !== 'access')
    throw new Refusal(403, 'invalid_bearer_token', 'Could not obtain bearer access_token from request.');
  const { client_id: rs, sub: owner, exp: until } = token;
  const client = realm.clients.get(rs);
  if (client?.server === undefined)
    throw new Refusal(403, 'invalid_clientId', `Client application [${rs}] is not registered as a resource server.`);
  if (!rolesOf(realm, owner).clients[rs]?.includes(KEYCLOAK_PAT_ROLE))
    throw new Refusal(403, 'invalid_scope', `Requires ${KEYCLOAK_PAT_ROLE} scope.`);
  return { owner, rs, itself: owner === rs, client: { ...client, server: client.server }, until };
}

/** A resource that the caller answers for: its own, or for the resource server itself any that it registered. */
export async function resourceOf(stores: Stores, caller: Caller, id: string): Promise<ResourceRecord | undefined> {
  const record = await stores.resources.get(id);
  return record?.rs === caller.rs && (caller.itself || record.owner === caller.owner) ? record : undefined;
}

const PAGE = 500;

/** All of them, in order of creation. */
export async function resourcesOf(
  stores: Stores,
  caller: Pick<Caller, 'itself' | 'owner' | 'rs'>,
): Promise<ResourceRecord[]> {
  return (await resourcesOfServer(stores, caller.rs)).filter(({ owner }) => caller.itself || owner === caller.owner);
}

export async function resourcesOfServer(stores: Stores, rs: string): Promise<ResourceRecord[]> {
  const all: ResourceRecord[] = [];
  let after: string | undefined;
  do {
    const page = await stores.resources.ofServer(rs, { limit: PAGE, after });
    all.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return all;
}
