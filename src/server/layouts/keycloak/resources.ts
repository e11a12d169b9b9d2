/** `authz/protection/resource_set`: Keycloak's resource registration (UMA Federated Authorization 3, with its filters). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from '../../../protocol/http.ts';
import type { ResourceDescription } from '../../../protocol/resource.ts';
import { KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { json } from '../../http/json.ts';
import { Refusal } from '../../http/refusal.ts';
import type { ResourceRecord } from '../../stores/types.ts';
import type { LayoutServices } from '../layout.ts';
import { membersOf, namesOf, pageOf, textOf, textsOf } from './body.ts';
import { type Caller, requireCaller, resourceOf, resourcesOf } from './caller.ts';
import { conflict, notFound, unreadable } from './errors.ts';
import { type Realm, scopeId, stableId, wireOwner } from './realm.ts';
import type { RealmPolicies } from './realm-policies.ts';
import type { KeycloakTokens } from './tokens.ts';

export interface ProtectionDeps extends LayoutServices {
  realm: Realm;
  tokens: KeycloakTokens;
  realmPolicies: RealmPolicies;
  /** Seconds that refresh tokens live. */
  refreshTtl: number;
}

const MEMBERS = [
  '_id',
  'id',
  'name',
  'uris',
  'uri',
  'type',
  'scopes',
  'resource_scopes',
  'icon_uri',
  'owner',
  'displayName',
  'ownerManagedAccess',
  'attributes',
];

type Query = Record<string, string | undefined>;

export function resourceSetRoutes(app: FastifyInstance, deps: ProtectionDeps): void {
  const { stores, authority, now, realm, tokens, realmPolicies } = deps;
  const schema = { hide: true };
  const caller = (request: FastifyRequest) => requireCaller(request, tokens, realm);
  const collection = KEYCLOAK_PATHS.resources;
  const item = `${collection}/:id`;

  app.post(collection, { schema }, async (request, reply) => {
    const who = await caller(request);
    const { id, description } = described(request.body);
    const taken = await named(who, description.name!);
    if (taken !== undefined || (id !== undefined && (await stores.resources.get(id)) !== undefined))
      throw new Refusal(409, 'invalid_request', `Resource with name [${description.name}] already exists.`);
    const at = now();
    const record: ResourceRecord = {
      id: id ?? crypto.randomUUID(),
      owner: who.owner,
      rs: who.rs,
      description,
      created_at: at,
      updated_at: at,
    };
    await stores.resources.create(record);
    await realmPolicies.apply(record);
    await log(who, 'resource_registered', record);
    return json(reply.code(201), shown(record, { ids: true, ownerName: true }));
  });

  app.get<{ Querystring: Query }>(collection, { schema }, async (request, reply) => {
    const who = await caller(request);
    const { query } = request;
    const found = (await resourcesOf(stores, who)).filter((record) => matches(record, query));
    // By address: the exact one, else the most exact pattern.
    const byUri = query.uri === undefined ? found : addressed(found, query, ({ owner }) => owner === who.owner);
    const page = pageOf(byUri, query);
    const deep = query.deep === 'true';
    return json(
      reply,
      deep
        ? page.map((record) => shown(record, { ids: true, ownerName: true, listed: true }))
        : page.map(({ id }) => id),
    );
  });

  app.get<{ Params: { id: string } }>(item, { schema }, async (request, reply) => {
    const record = await mine(await caller(request), request.params.id);
    return json(reply, shown(record, { attributes: true }));
  });

  app.put<{ Params: { id: string } }>(item, { schema }, async (request, reply) => {
    const who = await caller(request);
    const record = await mine(who, request.params.id);
    const { description } = described(request.body, record.description.name);
    const other = await named({ ...who, owner: record.owner, itself: false }, description.name!);
    if (other !== undefined && other.id !== record.id)
      throw new Refusal(409, 'invalid_request', `Resource with name [${description.name}] already exists.`);
    if (!(await stores.resources.update(record.id, record, description, now()))) throw notFound();
    await authority.resourceChanged(record, description.resource_scopes);
    await realmPolicies.apply({ ...record, description });
    await log(who, 'resource_updated', { ...record, description });
    return empty(reply);
  });

  app.delete<{ Params: { id: string } }>(item, { schema }, async (request, reply) => {
    const who = await caller(request);
    const record = await mine(who, request.params.id);
    if (!(await stores.resources.delete(record.id, record))) throw notFound();
    await authority.resourceDeleted(record.id);
    await log(who, 'resource_deleted', record);
    return empty(reply);
  });

  async function mine(who: Caller, id: string): Promise<ResourceRecord> {
    const record = await resourceOf(stores, who, id);
    // ATK-15: another owner's looks like none at all.
    if (record === undefined) throw notFound();
    return record;
  }

  async function named({ rs, owner }: Caller, name: string): Promise<ResourceRecord | undefined> {
    const own = await resourcesOf(stores, { rs, owner, itself: false });
    return own.find(({ description }) => description.name === name);
  }

  /** Filters of the list; those of addresses come after. */
  function matches({ id, owner, rs, description }: ResourceRecord, query: Query): boolean {
    const { name, exactName, type, scope, owner: ofOwner, _id } = query;
    const account = deps.people.bySub(owner)?.username;
    const owners = [owner, wireOwner(realm, owner), account];
    return (
      (_id === undefined || id === _id) &&
      (name === undefined ||
        (exactName === 'true'
          ? description.name === name
          : (description.name ?? '').toLowerCase().includes(name.toLowerCase()))) &&
      (type === undefined || description.type === type) &&
      (scope === undefined ||
        description.resource_scopes.some((item) => item === scope || scopeId(rs, item) === scope)) &&
      (ofOwner === undefined || owners.includes(ofOwner))
    );
  }

  function shown({ id, owner, rs, description }: ResourceRecord, parts: Parts): Record<string, unknown> {
    const { name, type, icon_uri, displayName, ownerManagedAccess, attributes, uris, resource_scopes } = description;
    const scopes = resource_scopes.map((scope) => ({
      name: scope,
      ...(parts.ids === true ? { id: scopeId(rs, scope) } : {}),
    }));
    const ownerName = deps.people.bySub(owner)?.username ?? realm.clients.get(owner)?.client_id;
    return {
      name,
      ...(type === undefined ? {} : { type }),
      owner: { id: wireOwner(realm, owner), ...(parts.ownerName === true ? { name: ownerName } : {}) },
      ownerManagedAccess: ownerManagedAccess === true,
      ...(displayName === undefined ? {} : { displayName }),
      ...(parts.attributes === true || parts.listed === true ? { attributes: attributes ?? {} } : {}),
      _id: id,
      uris: uris ?? [],
      ...(parts.listed === true ? {} : { resource_scopes: scopes }),
      scopes,
      ...(icon_uri === undefined ? {} : { icon_uri }),
    };
  }

  async function log(
    { rs }: Caller,
    type: 'resource_registered' | 'resource_updated' | 'resource_deleted',
    record: ResourceRecord,
  ) {
    const { id: resource_id, owner, description } = record;
    const entry = { id: stableId(type, resource_id, String(now()), crypto.randomUUID()), owner, type, at: now() };
    await stores.history.append({ ...entry, resource_id, resource_name: description.name ?? '', client_id: rs });
  }
}

interface Parts {
  ids?: true;
  ownerName?: true;
  attributes?: true;
  listed?: true;
}

const empty = (reply: FastifyReply) => reply.code(204).header('cache-control', 'no-store').send();

/** @throws Refusal as Keycloak's. `owner` is taken and says nothing: the token's subject owns what it registers. */
function described(body: unknown, nameBefore?: string): { id: string | undefined; description: ResourceDescription } {
  const members = membersOf(body, MEMBERS, 'UmaResourceRepresentation');
  const name = textOf(members, 'name') ?? nameBefore;
  if (name === undefined || name === '') throw conflict();
  const uri = textOf(members, 'uri');
  const uris = textsOf(members, 'uris') ?? [];
  const { attributes, ownerManagedAccess = false } = members;
  if (
    typeof ownerManagedAccess !== 'boolean' ||
    (attributes !== undefined && attributes !== null && !isObject(attributes))
  )
    throw unreadable();
  const description: ResourceDescription = {
    name,
    resource_scopes: namesOf(members.resource_scopes) ?? namesOf(members.scopes) ?? [],
    uris: uri === undefined || uris.includes(uri) ? uris : [...uris, uri],
    ownerManagedAccess,
  };
  if (isObject(attributes)) description.attributes = attributes;
  for (const member of ['type', 'icon_uri', 'displayName'] as const) {
    const value = textOf(members, member);
    if (value !== undefined) description[member] = value;
  }
  return { id: textOf(members, '_id') ?? textOf(members, 'id'), description };
}

const urisOf = ({ description }: ResourceRecord): string[] => (description.uris as string[] | undefined) ?? [];

/**
 * Resources at an address. With `matchingUri` (also written `matchingURI`) a `*` or `{name}` in theirs stands for anything; Keycloak
 * looks for such patterns among the caller's own only.
 */
export function addressed(
  resources: readonly ResourceRecord[],
  query: Query,
  isOwn: (resource: ResourceRecord) => boolean,
): ResourceRecord[] {
  const uri = query.uri!;
  const exact = resources.filter((record) => urisOf(record).includes(uri));
  const patterns = (query.matchingUri ?? query.matchingURI) === 'true';
  if (exact.length > 0 || !patterns) return exact;
  const fitting = resources
    .filter(isOwn)
    .flatMap((record) =>
      urisOf(record).flatMap((pattern) =>
        fits(pattern, uri) ? [{ record, exactness: pattern.replace(/\*|\{[^}]*\}/g, '').length }] : [],
      ),
    );
  const best = Math.max(0, ...fitting.map(({ exactness }) => exactness));
  return fitting.filter(({ exactness }) => exactness === best).map(({ record }) => record);
}

function fits(pattern: string, uri: string): boolean {
  const parts = pattern.split(/(\*|\{[^}]*\})/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith('{') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  // `/album/*` is also `/album`.
  return new RegExp(`^${parts.join('')}$`).test(uri) || (pattern.endsWith('/*') && uri === pattern.slice(0, -2));
}
