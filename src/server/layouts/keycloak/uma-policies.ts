/** `authz/protection/uma-policy`: what an owner allows by herself at Keycloak, as policies of this server. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { PolicyClaim, PolicyDescription } from '../../../protocol/owner.ts';
import { difference } from '../../../protocol/scopes.ts';
import { KEYCLOAK_OWNER_PATHS, KEYCLOAK_PATHS, type KeycloakPolicy } from '../../../wire/keycloak.ts';
import { json } from '../../http/json.ts';
import { Refusal } from '../../http/refusal.ts';
import type { PolicyRecord, ResourceRecord } from '../../stores/types.ts';
import { membersOf, namesOf, pageOf, textOf, textsOf } from './body.ts';
import { type Caller, requireCaller, resourcesOf } from './caller.ts';
import { conflict, invalidRequest } from './errors.ts';
import { claimsOf, type Term } from './import/terms.ts';
import { isOwnerManaged } from './realm.ts';
import { REALM_POLICY } from './realm-policies.ts';
import type { ProtectionDeps } from './resources.ts';

const MEMBERS = [
  'id',
  'name',
  'description',
  'type',
  'policies',
  'resources',
  'scopes',
  'logic',
  'decisionStrategy',
  'owner',
  'resourceType',
  'resourcesData',
  'scopesData',
  'roles',
  'groups',
  'clients',
  'users',
  'condition',
];

type Query = Record<string, string | undefined>;

/** A policy and the resource that it is about. */
interface Found {
  policy: PolicyRecord;
  resource: ResourceRecord;
}

export function umaPolicyRoutes(app: FastifyInstance, deps: ProtectionDeps): void {
  const { stores, owner: owners, people, realm, tokens, issuer } = deps;
  const base = KEYCLOAK_PATHS.protection + KEYCLOAK_OWNER_PATHS.policies;
  const schema = { hide: true };

  app.post<{ Params: { id: string } }>(`${base}/:id`, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const resource = await managed(who, request.params.id);
    const description = await described(resource, request.body);
    const made = await owners.policies.create(resource.owner, description);
    return json(reply, shown({ policy: { ...made, owner: resource.owner }, resource }));
  });

  app.get<{ Querystring: Query }>(base, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const { resource, name, scope } = request.query;
    const found = (await policiesOf(who))
      .filter((item) => resource === undefined || item.resource.id === resource)
      .map(shown)
      .filter(
        (item) =>
          (name === undefined || item.name.toLowerCase().includes(name.toLowerCase())) &&
          (scope === undefined || item.scopes?.includes(scope) === true),
      )
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return json(reply, pageOf(found, request.query));
  });

  app.get<{ Params: { id: string } }>(`${base}/:id`, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    return json(reply, shown(await policyWith(who, request.params.id)));
  });

  app.put<{ Params: { id: string } }>(`${base}/:id`, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const { policy, resource } = await policyWith(who, request.params.id);
    await owners.policies.update(resource.owner, policy.id, await described(resource, request.body, policy));
    return empty(reply, 201);
  });

  app.delete<{ Params: { id: string } }>(`${base}/:id`, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const { policy } = await policyWith(who, request.params.id);
    await owners.policies.delete(policy.owner, policy.id);
    return empty(reply, 204);
  });

  /** @throws Refusal 400 unless it is the caller's own and made to be shared. */
  async function managed({ owner, rs }: Caller, id: string): Promise<ResourceRecord> {
    const resource = await stores.resources.get(id);
    if (resource === undefined || resource.rs !== rs) throw invalidRequest(`Resource [${id}] cannot be found`);
    if (resource.owner !== owner) throw invalidRequest(`Only resource owner can access policies for resource [${id}]`);
    if (!isOwnerManaged(resource)) throw invalidRequest('Only resources with owner managed accessed can have policies');
    return resource;
  }

  async function policiesOf(who: Caller): Promise<Found[]> {
    const resources = await resourcesOf(stores, { ...who, itself: false });
    const byId = new Map(resources.map((resource) => [resource.id, resource]));
    const policies = resources.length === 0 ? [] : await stores.policies.ofResources([...byId.keys()]);
    return policies
      .filter(({ id, effect }) => effect === 'allow' && !id.startsWith(REALM_POLICY))
      .map((policy) => ({ policy, resource: byId.get(policy.resource_id)! }));
  }

  async function policyWith(who: Caller, id: string): Promise<Found> {
    const found = (await policiesOf(who)).find(({ policy }) => policy.id === id);
    if (found === undefined) throw new Refusal(404, 'invalid_request', `Policy with [${id}] does not exist`);
    return found;
  }

  /** Kinds of parties together must all fit, of one kind any one: as Keycloak decides. Nobody named = nobody. */
  async function described(resource: ResourceRecord, body: unknown, before?: PolicyRecord): Promise<PolicyDescription> {
    const members = membersOf(body, MEMBERS, 'UmaPermissionRepresentation');
    const name = textOf(members, 'name') ?? before?.name;
    if (name === undefined || name === '') throw conflict();
    const others = await stores.policies.ofResources([resource.id]);
    if (others.some((policy) => policy.name === name && policy.id !== before?.id))
      throw new Refusal(409, `Policy with name [${name}] already exists`, 'Conflicting policy');
    const offered = resource.description.resource_scopes;
    const scopes = namesOf(members.scopes) ?? offered;
    const invalid = difference(scopes, offered);
    if (invalid.length > 0)
      throw invalidRequest(`Some of the scopes [[${invalid.join(', ')}]] are not valid for resource [${resource.id}]`);
    if (textOf(members, 'condition') !== undefined)
      throw invalidRequest('Conditions in a script are not evaluated here');
    const term: Term = { roles: listOf('roles'), groups: listOf('groups'), ...users() };
    const clients = textsOf(members, 'clients');
    for (const client of clients ?? [])
      if (!realm.clients.has(client)) throw invalidRequest(`Client [${client}] does not exist`);
    const claims: PolicyClaim[] = claimsOf(term, issuer);
    const nobody = claims.length === 0 && clients === undefined;
    const description = textOf(members, 'description');
    return {
      resource_id: resource.id,
      effect: 'allow',
      scopes,
      subject: { anyone: true },
      ...(nobody ? { claims: [{ name: 'sub', values: [], issuer: [issuer] }] } : claims.length === 0 ? {} : { claims }),
      ...(clients === undefined ? {} : { clients }),
      name,
      ...(description === undefined ? {} : { description }),
    };

    function listOf(member: 'roles' | 'groups'): string[][] {
      // Keycloak drops what it does not know; with nobody left, the policy lets nobody in.
      const list = textsOf(members, member)?.filter((name) => realm.known[member].has(name));
      return list === undefined || list.length === 0 ? [] : [list];
    }
    function users(): Pick<Term, 'users'> {
      const list = textsOf(members, 'users');
      if (list === undefined) return {};
      return {
        users: list.map((user) => {
          const person = people.everybody().find(({ username, sub }) => username === user || sub === user);
          if (person === undefined) throw invalidRequest(`User [${user}] does not exist`);
          return person.sub;
        }),
      };
    }
  }

  function shown({ policy, resource }: Found): KeycloakPolicy {
    const { id, name, description, scopes, subject, claims = [], clients } = policy;
    const valuesOf = (wanted: string) => claims.find((claim) => claim.name === wanted)?.values as string[] | undefined;
    const subs = 'party' in subject ? [subject.party.sub] : (valuesOf('sub') ?? []);
    const users = subs.map((sub) => people.bySub(sub)?.username ?? sub);
    const [roles, groups] = [valuesOf('roles'), valuesOf('groups')];
    return {
      id,
      name: name ?? id,
      ...(description === undefined ? {} : { description }),
      type: 'uma',
      scopes: scopes ?? resource.description.resource_scopes,
      logic: 'POSITIVE',
      decisionStrategy: 'UNANIMOUS',
      owner: resource.owner,
      ...(roles === undefined ? {} : { roles }),
      ...(groups === undefined ? {} : { groups }),
      ...(clients === undefined ? {} : { clients }),
      ...(users.length === 0 ? {} : { users }),
    };
  }
}

const empty = (reply: FastifyReply, status: number) => reply.code(status).header('cache-control', 'no-store').send();
