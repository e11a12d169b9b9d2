/**
 * `authz/protection/permission/ticket`: the owner's side at Keycloak. One entry a resource, requester and scope, made from what this
 * server keeps: open requests (not granted) and shares with one party (granted).
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Party } from '../../../protocol/owner.ts';
import { KEYCLOAK_OWNER_PATHS, KEYCLOAK_PATHS, type KeycloakPermissionTicket } from '../../../wire/keycloak.ts';
import { newId } from '../../authorization/secrets.ts';
import { json } from '../../http/json.ts';
import { Refusal } from '../../http/refusal.ts';
import type { PolicyRecord, RequestRecord, ResourceRecord } from '../../stores/types.ts';
import { membersOf, pageOf, textOf } from './body.ts';
import { type Caller, requireCaller, resourceOf, resourcesOf } from './caller.ts';
import { invalidRequest, unreadable } from './errors.ts';
import { isOwnerManaged, scopeId, stableId, wireOwner, wireSubject } from './realm.ts';
import { REALM_POLICY } from './realm-policies.ts';
import type { ProtectionDeps } from './resources.ts';

interface Entry {
  id: string;
  resource: ResourceRecord;
  party: Party;
  /** Absent = the bare resource. */
  scope: string | undefined;
  /** What it was made from. */
  from: { request: RequestRecord } | { policy: PolicyRecord };
}

type Query = Record<string, string | undefined>;

const MEMBERS = [
  'id',
  'owner',
  'ownerName',
  'resource',
  'resourceName',
  'scope',
  'scopeName',
  'requester',
  'requesterName',
  'granted',
];
const PAGE = 500;

const noSuchTicket = () => invalidRequest('invalid_ticket');
const invalidPermission = (description: string) => new Refusal(400, 'invalid_permission', description);

export function permissionTicketRoutes(app: FastifyInstance, deps: ProtectionDeps): void {
  const { stores, owner: owners, people, now, realm, tokens, issuer } = deps;
  const base = KEYCLOAK_PATHS.protection + KEYCLOAK_OWNER_PATHS.tickets;
  const schema = { hide: true };

  app.get<{ Querystring: Query }>(base, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const { query } = request;
    const found = (await entriesOf(who)).filter((entry) => matches(entry, query));
    return json(
      reply,
      pageOf(found, query).map((entry) => shown(entry, query.returnNames === 'true')),
    );
  });

  app.get<{ Querystring: Query }>(`${base}/count`, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    return json(reply, (await entriesOf(who)).filter((entry) => matches(entry, request.query)).length);
  });

  app.post(base, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const members = membersOf(request.body, MEMBERS, 'PermissionTicketRepresentation');
    const resource = await resourceOf(stores, who, textOf(members, 'resource') ?? '');
    if (resource === undefined)
      throw new Refusal(400, 'invalid_resource_id', 'Resource set with id does not exists in this server.');
    if (!isOwnerManaged(resource))
      throw invalidPermission('permission can only be created for resources with user-managed access enabled');
    const wanted = textOf(members, 'requester') ?? textOf(members, 'requesterName');
    if (wanted === undefined) throw invalidPermission('created permissions should have requester or requesterName');
    const person = people.bySub(wanted) ?? people.everybody().find(({ username }) => username === wanted);
    if (person === undefined) throw invalidPermission('Requester does not exists in this server as user.');
    const party: Party = { iss: issuer, sub: person.sub, name: person.name ?? person.username };
    const scope = scopeNamed(resource, textOf(members, 'scope') ?? textOf(members, 'scopeName'));
    const id = entryId(resource, party, scope);
    if ((await entriesOfResource(resource)).some((entry) => entry.id === id))
      throw invalidPermission('Permission already exists');
    const scopes = scope === undefined ? [] : [scope];
    if (members.granted === true)
      await owners.policies.create(resource.owner, {
        resource_id: resource.id,
        effect: 'allow',
        scopes,
        subject: { party },
      });
    else await file(resource, party, scopes, who.rs);
    const entry = (await entriesOfResource(resource)).find((item) => item.id === id);
    if (entry === undefined) throw noSuchTicket();
    return json(reply, shown(entry, false));
  });

  app.put(base, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    const members = membersOf(request.body, MEMBERS, 'PermissionTicketRepresentation');
    const { granted = false } = members;
    if (typeof granted !== 'boolean') throw unreadable();
    const entry = await entryWith(who, textOf(members, 'id'));
    if (!granted) await remove(entry);
    else if ('request' in entry.from) await approve(entry, entry.from.request);
    return empty(reply);
  });

  app.delete<{ Params: { id: string } }>(`${base}/:id`, { schema }, async (request, reply) => {
    const who = await requireCaller(request, tokens, realm);
    await remove(await entryWith(who, request.params.id));
    return empty(reply);
  });

  /** Of a request about several scopes only this one is decided; the others go on waiting. */
  async function approve({ resource, party, scope }: Entry, { id, scopes, client_id }: RequestRecord): Promise<void> {
    await owners.requests.approve(resource.owner, id, { scopes: scope === undefined ? [] : [scope] });
    await fileRest(resource, party, scopes, scope, client_id);
  }

  /** Keycloak's one verb for denying, revoking and taking back. */
  async function remove({ resource, party, scope, from }: Entry): Promise<void> {
    if ('request' in from) {
      const { id, scopes, client_id } = from.request;
      await owners.requests.deny(resource.owner, id, {});
      await fileRest(resource, party, scopes, scope, client_id);
      return;
    }
    const { id, owner, created_at: _created, updated_at: _updated, ...description } = from.policy;
    const scopes = (description.scopes ?? []).filter((item) => item !== scope);
    if (scopes.length === 0) await owners.policies.delete(owner, id);
    else await owners.policies.update(owner, id, { ...description, scopes });
  }

  async function fileRest(
    resource: ResourceRecord,
    party: Party,
    scopes: readonly string[],
    decided: string | undefined,
    client_id: string,
  ) {
    const rest = scopes.filter((scope) => scope !== decided);
    if (rest.length > 0) await file(resource, party, rest, client_id);
  }

  async function file(
    { id: resource_id, owner }: ResourceRecord,
    party: Party,
    scopes: string[],
    client_id: string,
  ): Promise<void> {
    await stores.requests.file({
      id: newId(),
      owner,
      status: 'pending',
      resource_id,
      scopes,
      party,
      client_id,
      created_at: now(),
    });
  }

  async function entryWith(who: Caller, id: string | undefined): Promise<Entry> {
    const entry = id === undefined ? undefined : (await entriesOf(who)).find((item) => item.id === id);
    if (entry === undefined) throw noSuchTicket();
    return entry;
  }

  async function entriesOf(who: Caller): Promise<Entry[]> {
    const all = await Promise.all((await resourcesOf(stores, who)).map(entriesOfResource));
    return all.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async function entriesOfResource(resource: ResourceRecord): Promise<Entry[]> {
    const entries = new Map<string, Entry>();
    const add = (party: Party, scopes: readonly string[], from: Entry['from']) => {
      for (const scope of scopes.length === 0 ? [undefined] : scopes) {
        const id = entryId(resource, party, scope);
        if (!entries.has(id)) entries.set(id, { id, resource, party, scope, from });
      }
    };
    // What is granted already hides a request for the same.
    for (const policy of await stores.policies.ofResources([resource.id])) {
      const { effect, subject, scopes, claims, clients, name, id } = policy;
      const isShare = effect === 'allow' && name === undefined && claims === undefined && clients === undefined;
      if (isShare && 'party' in subject && scopes !== undefined && !id.startsWith(REALM_POLICY))
        add(subject.party, scopes, { policy });
    }
    for (const request of await openRequests(resource)) add(request.party, request.scopes, { request });
    return [...entries.values()];
  }

  async function openRequests({ id, owner }: ResourceRecord): Promise<RequestRecord[]> {
    const all: RequestRecord[] = [];
    let after: string | undefined;
    do {
      const page = await stores.requests.list(owner, { status: 'pending' }, { limit: PAGE, after });
      all.push(...page.items.filter(({ resource_id }) => resource_id === id));
      after = page.next;
    } while (after !== undefined);
    return all;
  }

  function matches({ from, resource, party, scope }: Entry, query: Query): boolean {
    const { resourceId, scopeId: wantedScope, owner, requester, granted } = query;
    const names = (sub: string) => [
      sub,
      wireOwner(realm, sub),
      people.bySub(sub)?.username,
      realm.clients.get(sub)?.client_id,
    ];
    return (
      (resourceId === undefined || resourceId === resource.id || resourceId === resource.description.name) &&
      (wantedScope === undefined ||
        (scope !== undefined && (scope === wantedScope || scopeId(resource.rs, scope) === wantedScope))) &&
      (owner === undefined || names(resource.owner).includes(owner)) &&
      (requester === undefined || names(party.sub).includes(requester)) &&
      (granted === undefined || (granted === 'true') === 'policy' in from)
    );
  }

  function shown({ id, resource, party, scope, from }: Entry, names: boolean): KeycloakPermissionTicket {
    const nameOf = (sub: string) => people.bySub(sub)?.username ?? realm.clients.get(sub)?.client_id ?? sub;
    return {
      id,
      owner: wireOwner(realm, resource.owner),
      resource: resource.id,
      ...(scope === undefined ? {} : { scope: scopeId(resource.rs, scope) }),
      granted: 'policy' in from,
      ...(names && scope !== undefined ? { scopeName: scope } : {}),
      ...(names ? { resourceName: resource.description.name ?? '' } : {}),
      requester: wireSubject(realm, party.sub),
      ...(names ? { ownerName: nameOf(resource.owner), requesterName: nameOf(party.sub) } : {}),
    };
  }

  function scopeNamed({ rs, description }: ResourceRecord, wanted: string | undefined): string | undefined {
    if (wanted === undefined) return undefined;
    const found = description.resource_scopes.find((scope) => scope === wanted || scopeId(rs, scope) === wanted);
    if (found === undefined) throw new Refusal(400, 'invalid_scope', `Scope [${wanted}] is invalid`);
    return found;
  }
}

const entryId = ({ id }: ResourceRecord, { iss, sub }: Party, scope: string | undefined): string =>
  stableId('permission', id, iss, sub, scope ?? '');

const empty = (reply: FastifyReply) => reply.code(204).header('cache-control', 'no-store').send();
