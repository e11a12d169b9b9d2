/** `users/{user}/uma/pendingrequests`: 8.1 uma/endpoint-pending-request.html; error texts of OpenAM PendingRequestResource.java. */
import type { FastifyInstance } from 'fastify';
import { UmaError } from '../../../protocol/errors.ts';
import { isObject, isStringArray } from '../../../protocol/http.ts';
import type { AccessRequest } from '../../../protocol/owner.ts';
import { FORGEROCK_JSON_PATHS, type ForgerockPendingRequest } from '../../../wire/forgerock.ts';
import type { LayoutServices } from '../layout.ts';
import { CrestError, type Fields, type Keys, query, revisionOf } from './crest.ts';
import { everything, type ItemParams, routeOf, type UserParams, userOf } from './owned.ts';
import { bodyOf, queryOf } from './request.ts';
import { requireOwner, send } from './session.ts';

const FIELDS: Fields<ForgerockPendingRequest> = {
  _id: ({ _id }) => [_id],
  user: ({ user }) => [user],
  resource: ({ resource }) => [resource],
  permissions: ({ permissions }) => permissions,
};
const KEYS: Keys<ForgerockPendingRequest> = {
  user: ({ user }) => user,
  resource: ({ resource }) => resource,
  when: ({ when }) => when,
};

export function pendingRequestRoutes(app: FastifyInstance, services: LayoutServices): void {
  const { owner } = services;
  const collection = routeOf(FORGEROCK_JSON_PATHS.pending);
  const schema = { hide: true };
  const waiting = (sub: string) => everything((page) => owner.requests.list(sub, { status: 'pending' }, page));

  const shown = (request: AccessRequest): ForgerockPendingRequest => ({
    _id: request.id,
    user: userOf(services, request.party),
    resource: request.resource_name ?? request.resource_id,
    when: request.created_at * 1000,
    permissions: request.scopes,
  });

  /** One that waits; what has been decided is not here any more. */
  async function pending(sub: string, id: string): Promise<AccessRequest> {
    const absent = new CrestError(404, `Pending request, ${id}, not found`);
    const found = await owner.requests.get(sub, id).catch((error: unknown) => {
      throw error instanceof UmaError && error.code === 'not_found' ? absent : error;
    });
    if (found.status !== 'pending') throw absent;
    return found;
  }

  app.get<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    return send(reply, query((await waiting(sub)).map(shown), await queryOf(request), FIELDS, KEYS));
  });

  app.get<ItemParams>(`${collection}/:id`, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const item = shown(await pending(sub, request.params.id));
    return send(reply, { ...item, _rev: revisionOf(item) });
  });

  app.post<ItemParams>(`${collection}/:id`, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { _action: action } = await queryOf(request);
    const { id } = await pending(sub, request.params.id);
    if (action === 'approve') await owner.requests.approve(sub, id, { scopes: scopesOf(bodyOf(request)) });
    else if (action === 'deny') await owner.requests.deny(sub, id, {});
    else throw unsupported(action);
    return send(reply, {});
  });

  app.post<UserParams>(collection, { schema }, async (request, reply) => {
    const { sub } = await requireOwner(services, request);
    const { _action: action } = await queryOf(request);
    if (action === 'approveAll') {
      const decisions = bodyOf(request);
      // Read before anything is decided: a fault decides nothing.
      const all = (await waiting(sub)).map(({ id }) => ({ id, scopes: scopesOf(decisions, id) }));
      for (const { id, scopes } of all) await owner.requests.approve(sub, id, { scopes });
    } else if (action === 'denyAll') {
      for (const { id } of await waiting(sub)) await owner.requests.deny(sub, id, {});
    } else throw unsupported(action);
    return send(reply, {});
  });
}

/**
 * The scopes to grant, whatever was asked for (8.1); undefined without a body: those asked for (OpenAM). For all requests at once, the
 * page has one list for every request, OpenAM a list for each id; a request without one gets what it asks for.
 */
function scopesOf(body: unknown, id?: string): string[] | undefined {
  if (body === undefined) return undefined;
  const members = isObject(body) ? body : {};
  const own = id === undefined ? undefined : members[id];
  const scopes = (isObject(own) ? own.scopes : own) ?? members.scopes;
  if (scopes === undefined && id !== undefined) return undefined;
  if (isStringArray(scopes)) return scopes;
  throw new CrestError(400, 'The attribute scopes must be an array of strings');
}

const unsupported = (action: string | undefined) =>
  new CrestError(400, action === undefined ? 'The parameter _action is required' : `Unsupported action ${action}`);
