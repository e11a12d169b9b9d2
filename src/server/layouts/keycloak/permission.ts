/** `authz/protection/permission`: Keycloak's permission endpoint (UMA Federated Authorization 4). The body is an array; a name will do for an id. */
import type { FastifyInstance } from 'fastify';
import type { RequestedPermission } from '../../../protocol/permission.ts';
import { difference } from '../../../protocol/scopes.ts';
import { KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { JSON_BODY } from '../../http/body.ts';
import { Refusal } from '../../http/refusal.ts';
import { type Answered, type Asked, type HotRoute, hotRoute } from '../../http/short-way.ts';
import type { ResourceRecord } from '../../stores/types.ts';
import { membersOf, textOf, textsOf } from './body.ts';
import { type Caller, requireCaller, resourceOf, resourcesOf } from './caller.ts';
import { unreadable } from './errors.ts';
import type { ProtectionDeps } from './resources.ts';

/** `claims` of a resource server are taken and say nothing: no policy here asks for what nobody signed. */
const MEMBERS = ['resource_id', 'resource_scopes', 'claims'];

export function permissionRoute(app: FastifyInstance, deps: ProtectionDeps): void {
  const { stores, authority, now, realm, tokens } = deps;

  const route: HotRoute<unknown> = { path: KEYCLOAK_PATHS.permission, reader: JSON_BODY, answer };
  hotRoute(app, deps.short, route, { schema: { hide: true } });

  async function answer(asked: Asked, read: () => unknown): Promise<Answered> {
    const body = read();
    const who = await requireCaller(asked, tokens, realm);
    if (!Array.isArray(body)) throw unreadable();
    if (body.length === 0) throw new Refusal(400, 'invalid_permission_request', 'Invalid permission request.');
    const found: { record: ResourceRecord; permission: RequestedPermission }[] = [];
    for (const item of body as unknown[]) {
      const members = membersOf(item, MEMBERS, 'PermissionRequest');
      const id = textOf(members, 'resource_id');
      if (id === undefined)
        throw new Refusal(400, 'invalid_resource_id', 'A ticket is about resources: resource_id is required.');
      const record = (await resourceOf(stores, who, id)) ?? (await byName(who, id));
      if (record === undefined)
        throw new Refusal(400, 'invalid_resource_id', `Resource set with id [${id}] does not exists in this server.`);
      const asked = textsOf(members, 'resource_scopes') ?? [];
      const offered = record.description.resource_scopes;
      const [unknown] = difference(asked, offered);
      if (unknown !== undefined) throw new Refusal(400, 'invalid_scope', `Scope [${unknown}] is invalid`);
      // Without scopes, Keycloak's ticket is about all of them.
      found.push({
        record,
        permission: { resource_id: record.id, resource_scopes: asked.length === 0 ? offered : asked },
      });
    }
    const owners = new Set(found.map(({ record }) => record.owner));
    const [owner] = owners;
    // FED-4-02: one ticket, one owner.
    if (owners.size > 1)
      throw new Refusal(400, 'invalid_resource_id', 'The resources of one ticket must belong to one owner.');
    const permissions = found.map(({ permission }) => permission);
    const ticket = await authority.issueTicket({ owner: owner!, rs: who.rs }, permissions, now(), who.until);
    return { status: 201, text: JSON.stringify({ ticket }) };
  }

  async function byName(who: Caller, name: string): Promise<ResourceRecord | undefined> {
    return (await resourcesOf(stores, who)).find(({ description }) => description.name === name);
  }
}
