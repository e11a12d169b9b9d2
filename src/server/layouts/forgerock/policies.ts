/**
 * `users/{user}/uma/policies`: 8.1 uma/endpoint-policies.html, error texts of OpenAM UmaPolicy.java and UmaPolicyServiceImpl.java.
 * AM has one policy a resource with an entry a person; the house one policy a resource and person. Denials, conditions on claims and
 * policies about groups have no form here: they are not shown, not touched, and go on holding.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isObject, isStringArray } from '../../../protocol/http.ts';
import type { Party, Policy } from '../../../protocol/owner.ts';
import { difference, union } from '../../../protocol/scopes.ts';
import { FORGEROCK_JSON_PATHS, type ForgerockPolicy, type ForgerockPolicyPermission } from '../../../wire/forgerock.ts';
import type { ResourceRecord } from '../../stores/types.ts';
import type { LayoutServices } from '../layout.ts';
import { CrestError, type Fields, type Keys, query, revisionOf } from './crest.ts';
import { everything, type ItemParams, routeOf, type UserParams, userOf } from './owned.ts';
import { objectOf, queryOf } from './request.ts';
import { requireOwner, send } from './session.ts';

type Share = Policy & { subject: { party: Party } };
type Shown = ForgerockPolicy & { resourceServer: string };

/** What AM lets a query name; `resourceServer` is asked for and not shown. */
const FIELDS: Fields<Shown> = {
  resourceServer: ({ resourceServer }) => [resourceServer],
  'permissions/subject': ({ permissions }) => permissions.map(({ subject }) => subject),
};
const KEYS: Keys<Shown> = { policyId: ({ policyId }) => policyId, name: ({ name }) => name ?? '' };

export function policyRoutes(app: FastifyInstance, services: LayoutServices): void {
  const collection = routeOf(FORGEROCK_JSON_PATHS.policies);
  const alias = routeOf(FORGEROCK_JSON_PATHS.policiesAlias);
  const schema = { hide: true };

  app.get<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const page = query(await allPolicies(services, sub), await queryOf(request), FIELDS, KEYS);
    return send(reply, { ...page, result: page.result.map(withoutServer) });
  });

  app.post<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { _action: action } = await queryOf(request);
    if (action !== 'create') throw new CrestError(400, `Unsupported action ${action ?? ''}`.trim());
    const wanted = policyOf(request, undefined);
    await write(services, sub, wanted, 'create');
    return send(reply.code(201), {});
  });

  for (const path of [`${collection}/:id`, `${alias}/:id`]) {
    app.get<ItemParams>(path, { schema }, async (request, reply) => {
      const { sub } = await requireOwner(services, request);
      return send(reply, withoutServer(await policy(services, sub, request.params.id)));
    });

    app.put<ItemParams>(path, { schema }, async (request, reply) => {
      const { sub } = await requireOwner(services, request);
      const wanted = policyOf(request, request.params.id);
      const create = request.headers['if-none-match'] === '*';
      const update = request.headers['if-match'] !== undefined;
      const made = await write(services, sub, wanted, create ? 'create' : update ? 'update' : 'either');
      const { _id, _rev, policyId, permissions } = await policy(services, sub, wanted.policyId);
      return made ? send(reply.code(201), { _id, _rev }) : send(reply, { _id, _rev, policyId, permissions });
    });

    app.delete<ItemParams>(path, { schema }, async (request, reply) => {
      const { sub } = await requireOwner(services, request);
      const shares = await sharesOf(services, sub, request.params.id);
      if (shares.length === 0) throw notFound(request.params.id);
      for (const { id } of shares) await services.owner.policies.delete(sub, id);
      return send(reply, {});
    });
  }
}

/** Every resource of the owner that somebody may use, as AM's policies. */
export async function allPolicies(services: LayoutServices, sub: string): Promise<Shown[]> {
  const policies = await everything((page) => services.owner.policies.list(sub, {}, page));
  const shares = Map.groupBy(policies.filter(isShare), ({ resource_id }) => resource_id);
  const shown: Shown[] = [];
  for (const [id, entries] of shares) {
    const resource = await services.stores.resources.get(id);
    if (resource?.owner === sub) shown.push(asPolicy(services, resource, entries));
  }
  return shown;
}

/** As {@link allPolicies}, of one resource. @throws CrestError 404. */
async function policy(services: LayoutServices, sub: string, id: string): Promise<Shown> {
  const shares = await sharesOf(services, sub, id);
  const resource = await services.stores.resources.get(id);
  if (resource === undefined || resource.owner !== sub || shares.length === 0) throw notFound(id);
  return asPolicy(services, resource, shares);
}

/** Revokes everything that AM's form can show of one owner. */
export async function revokeAll(services: LayoutServices, sub: string): Promise<void> {
  for (const { id } of (await everything((page) => services.owner.policies.list(sub, {}, page))).filter(isShare))
    await services.owner.policies.delete(sub, id);
}

export const withoutServer = ({ resourceServer: _server, ...rest }: Shown): ForgerockPolicy => rest;

const isShare = (candidate: Policy): candidate is Share =>
  candidate.effect === 'allow' && 'party' in candidate.subject && candidate.claims === undefined;

async function sharesOf(services: LayoutServices, sub: string, resource_id: string): Promise<Share[]> {
  return (await everything((page) => services.owner.policies.list(sub, { resource_id }, page))).filter(isShare);
}

function asPolicy(services: LayoutServices, resource: ResourceRecord, shares: readonly Share[]): Shown {
  const entries = Map.groupBy(shares, ({ subject }) => userOf(services, subject.party));
  const permissions: ForgerockPolicyPermission[] = [...entries].map(([subject, items]) => ({
    subject,
    scopes: scopesOf(resource, items),
  }));
  const body = { policyId: resource.id, name: resource.description.name ?? resource.id, permissions };
  return { _id: resource.id, _rev: revisionOf(body), ...body, resourceServer: resource.rs };
}

/** A policy without scopes of its own is about all of them. */
const scopesOf = ({ description }: ResourceRecord, shares: readonly Share[]): string[] =>
  union(...shares.map(({ scopes }) => scopes ?? description.resource_scopes));

interface Wanted {
  policyId: string;
  permissions: ForgerockPolicyPermission[];
}

/** The policy of a body. @throws CrestError 400 with AM's texts. */
function policyOf(request: FastifyRequest, id: string | undefined): Wanted {
  const body = objectOf(request);
  const missing = (what: string, name: string) =>
    new CrestError(400, `Invalid UMA ${what}. Missing required attribute, '${name}'.`);
  const { policyId, permissions } = body;
  if (typeof policyId !== 'string') throw missing('policy', 'policyId');
  if (id !== undefined && id !== policyId) throw new CrestError(400, 'Policy ID does not match policy ID in the body.');
  if (!Array.isArray(permissions)) throw missing('policy', 'permissions');
  const entries = new Map<string, string[]>();
  for (const entry of permissions as unknown[]) {
    const { subject, scopes } = isObject(entry) ? entry : ({} as Record<string, unknown>);
    if (typeof subject !== 'string') throw missing('policy permission', 'subject');
    if (subject.trim() === '') throw new CrestError(400, 'Subject cannot be a blank string');
    if (!isStringArray(scopes)) throw missing('policy permission', 'scopes');
    entries.set(subject, union(entries.get(subject) ?? [], scopes));
  }
  return { policyId, permissions: [...entries].map(([subject, scopes]) => ({ subject, scopes })) };
}

/** Makes the owner's shares of a resource what `wanted` says; true where there was no policy before. */
async function write(
  services: LayoutServices,
  sub: string,
  { policyId: resource_id, permissions }: Wanted,
  mode: 'create' | 'update' | 'either',
): Promise<boolean> {
  const { owner, stores } = services;
  const resource = await stores.resources.get(resource_id);
  // Unknown and foreign look the same (ATK-15).
  if (resource === undefined || resource.owner !== sub) throw new CrestError(400, 'Invalid ResourceSet UID');
  const shares = await sharesOf(services, sub, resource_id);
  if (mode === 'create' && shares.length > 0)
    throw new CrestError(409, `Policy already exists for Resource Server, ${resource.rs}, ${resource_id}`);
  if (mode === 'update' && shares.length === 0) throw notFound(resource_id);

  // All faults first: what is refused has changed nothing.
  const before = Map.groupBy(shares, ({ subject }) => userOf(services, subject.party));
  const plan = permissions.map(({ subject, scopes }) => {
    const unknown = difference(scopes, resource.description.resource_scopes);
    if (unknown.length > 0)
      throw new CrestError(400, `Scope, ${unknown.join(' ')}, is not one of the resource ${resource_id}`);
    const [first, ...others] = before.get(subject) ?? [];
    const party = first?.subject.party ?? partyOf(services, subject);
    return { scopes, party, first, others };
  });

  const named = new Set(permissions.map(({ subject }) => subject));
  for (const [subject, entries] of before)
    if (!named.has(subject)) for (const { id } of entries) await owner.policies.delete(sub, id);
  for (const { scopes, party, first, others } of plan) {
    if (first === undefined) {
      await owner.policies.create(sub, { resource_id, effect: 'allow', scopes, subject: { party } });
      continue;
    }
    const same = [first, ...others];
    const now = scopesOf(resource, same);
    if (difference(scopes, now).length === 0 && difference(now, scopes).length === 0) continue;
    const { id, created_at: _made, updated_at: _changed, ...description } = first;
    for (const other of others) await owner.policies.delete(sub, other.id);
    await owner.policies.update(sub, id, { ...description, scopes });
  }
  return shares.length === 0;
}

/** AM takes any text for a subject; here it has to be somebody, so that nobody can take a name over (DESIGN decision 13 of the house). */
function partyOf({ owner }: LayoutServices, subject: string): Party {
  const party = owner.person(subject);
  if (party !== undefined) return party;
  throw new CrestError(400, `Invalid UMA policy permission. There is no user ${subject.replace(/[^\w.@-]/g, '')}.`);
}

const notFound = (id: string) => new CrestError(404, `UMA Policy not found, ${id.replace(/[^\w.-]/g, '')}`);
