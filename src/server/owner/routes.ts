/** The owner API over HTTP: the table of protocol/owner.ts, for an owner's own token only (DESIGN decision 13). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { OWNER_SCOPE, type Party } from '../../protocol/owner.ts';
import { PAT_SCOPE } from '../../protocol/token.ts';
import { keyOf } from '../authorization/secrets.ts';
import { readJsonBodies } from '../http/body.ts';
import { bearerRefusal, Refusal } from '../http/refusal.ts';
import { PATHS } from '../oauth/paths.ts';
import { type GuardDeps, requireToken, tokenIn } from '../protection/pat.ts';
import { bearerSecurity, IdParams, refusals } from '../protection/schemas.ts';
import type { PageRequest, RptStore } from '../stores/types.ts';
import {
  AccessRequestAnswer,
  Approval,
  Denial,
  HistoryAnswer,
  HistoryQuery,
  listOf,
  Nothing,
  PersonAnswer,
  PersonQuery,
  PolicyAnswer,
  PolicyDescription,
  PolicyQuery,
  RequestQuery,
  ResourceAnswer,
  ResourceQuery,
  Revocation,
  RevocationAnswer,
  SharedAnswer,
  SharedQuery,
} from './schemas.ts';
import type { OwnerService } from './service.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Subject of the owner's token; set by the guard of the owner API. */
    owner: string;
  }
}

export interface OwnerRouteDeps extends GuardDeps {
  service: OwnerService;
  rpts: RptStore;
  isFirstParty: (client_id: string) => boolean;
}

const PAGE = { default: 50, most: 200 };

export function ownerRoutes(app: FastifyInstance, deps: OwnerRouteDeps): void {
  const { service } = deps;
  readJsonBodies(app);
  app.decorateRequest('owner', '');
  app.addHook('onRequest', async (request) => {
    request.owner = await requireOwner(deps, request);
  });
  const at = (path: string) => PATHS.owner + path;
  const schema = (
    summary: string,
    answer: { readonly [status: number]: TSchema },
    parts: { [part: string]: TSchema } = {},
  ) => ({
    schema: { security: bearerSecurity, tags: ['owner'], summary, ...parts, response: { ...answer, ...refusals } },
  });
  const byId = { params: IdParams };
  const decision = (summary: string, body: TSchema) => ({
    ...schema(summary, { 200: AccessRequestAnswer }, { ...byId, body }),
    // Every member is optional, and so is the body.
    preValidation: async (request: FastifyRequest) => {
      request.body ??= {};
    },
  });
  type Id = { Params: { id: string } };

  app.get<{ Querystring: Static<typeof RequestQuery> }>(
    at('/requests'),
    schema('List requests', { 200: listOf('requests', AccessRequestAnswer) }, { querystring: RequestQuery }),
    async ({ owner, query }, reply) => {
      const { items, ...rest } = await service.requests.list(owner, { status: query.status }, pageOf(query));
      return send(reply, { requests: items, ...rest });
    },
  );
  app.get<Id>(
    at('/requests/:id'),
    schema('Show a request', { 200: AccessRequestAnswer }, byId),
    async ({ owner, params }, reply) => send(reply, await service.requests.get(owner, params.id)),
  );
  app.post<Id & { Body: Static<typeof Approval> }>(
    at('/requests/:id/approve'),
    decision('Allow what a request asks for, or some scopes of it', Approval),
    async ({ owner, params, body }, reply) => send(reply, await service.requests.approve(owner, params.id, body)),
  );
  app.post<Id & { Body: Static<typeof Denial> }>(
    at('/requests/:id/deny'),
    decision('Refuse a request', Denial),
    async ({ owner, params, body }, reply) => send(reply, await service.requests.deny(owner, params.id, body)),
  );

  app.get<{ Querystring: Static<typeof PolicyQuery> }>(
    at('/policies'),
    schema('List policies', { 200: listOf('policies', PolicyAnswer) }, { querystring: PolicyQuery }),
    async ({ owner, query }, reply) => {
      const { items, ...rest } = await service.policies.list(owner, { resource_id: query.resource_id }, pageOf(query));
      return send(reply, { policies: items, ...rest });
    },
  );
  app.post<{ Body: Static<typeof PolicyDescription> }>(
    at('/policies'),
    schema('Create a policy', { 201: PolicyAnswer }, { body: PolicyDescription }),
    async ({ owner, body }, reply) => {
      const policy = await service.policies.create(owner, body as never);
      return send(reply.code(201).header('location', `${deps.issuer}${at('/policies')}/${policy.id}`), policy);
    },
  );
  app.get<Id>(
    at('/policies/:id'),
    schema('Show a policy', { 200: PolicyAnswer }, byId),
    async ({ owner, params }, reply) => send(reply, await service.policies.get(owner, params.id)),
  );
  app.put<Id & { Body: Static<typeof PolicyDescription> }>(
    at('/policies/:id'),
    schema('Replace a policy', { 200: PolicyAnswer }, { ...byId, body: PolicyDescription }),
    async ({ owner, params, body }, reply) =>
      send(reply, await service.policies.update(owner, params.id, body as never)),
  );
  app.delete<Id>(
    at('/policies/:id'),
    schema('Delete a policy', { 204: Nothing }, byId),
    async ({ owner, params }, reply) => {
      await service.policies.delete(owner, params.id);
      return reply.code(204).header('cache-control', 'no-store').send();
    },
  );

  app.post<{ Body: Static<typeof Revocation> }>(
    at('/revocations'),
    schema('Withdraw what was granted', { 200: RevocationAnswer }, { body: Revocation }),
    async ({ owner, body }, reply) => send(reply, await service.revoke(owner, body as never)),
  );
  app.get<{ Querystring: Static<typeof ResourceQuery> }>(
    at('/resources'),
    schema(
      'List resources of all resource servers',
      { 200: listOf('resources', ResourceAnswer) },
      { querystring: ResourceQuery },
    ),
    async ({ owner, query }, reply) => {
      const { items, ...rest } = await service.resources(owner, pageOf(query));
      return send(reply, { resources: items, ...rest });
    },
  );
  app.get<{ Querystring: Static<typeof SharedQuery> }>(
    at('/shared'),
    schema(
      'List what others share with the person of the token',
      { 200: listOf('shared', SharedAnswer) },
      { querystring: SharedQuery },
    ),
    async ({ owner, query }, reply) => {
      const { items, ...rest } = await service.sharedWith.list(owner, pageOf(query));
      return send(reply, { shared: items, ...rest });
    },
  );
  app.delete<Id>(
    at('/shared/:id'),
    schema('Give up what somebody shares', { 204: Nothing }, byId),
    async ({ owner, params }, reply) => {
      await service.sharedWith.giveUp(owner, params.id);
      return reply.code(204).header('cache-control', 'no-store').send();
    },
  );
  app.get<{ Querystring: Static<typeof HistoryQuery> }>(
    at('/history'),
    schema('What happened, newest first', { 200: listOf('history', HistoryAnswer) }, { querystring: HistoryQuery }),
    async ({ owner, query }, reply) => {
      const { type, resource_id, username } = query;
      const party = username === undefined ? undefined : found(username);
      const { items, ...rest } = await service.history(owner, { type, resource_id, party }, pageOf(query));
      return send(reply, { history: items, ...rest });
    },
  );
  app.get<{ Querystring: Static<typeof PersonQuery> }>(
    at('/people'),
    schema('Find somebody by the exact user name', { 200: PersonAnswer }, { querystring: PersonQuery }),
    async ({ query }, reply) => {
      const person = found(query.username);
      const look_alikes = (await service.lookAlikes(query.username)).map(({ username }) => username);
      return send(reply, look_alikes.length === 0 ? person : { ...person, look_alikes });
    },
  );

  function found(username: string): Party {
    const person = service.person(username);
    if (person === undefined) throw new Refusal(404, 'not_found', `nobody here is called ${username}`);
    return person;
  }
}

/** @throws Refusal 401 for no valid token, 403 for a PAT, an RPT, or a token of another party's client. */
async function requireOwner(deps: OwnerRouteDeps, request: FastifyRequest): Promise<string> {
  const denied = (description: string) =>
    bearerRefusal(403, deps.issuer, { error: 'insufficient_scope', description, scope: OWNER_SCOPE });
  try {
    const { sub, client_id, scopes } = await requireToken(deps, request, OWNER_SCOPE);
    // With both scopes it is what a resource server holds, too: whoever has it would decide for the owner.
    if (deps.isFirstParty(client_id) && !scopes.includes(PAT_SCOPE)) return sub;
  } catch (error) {
    // An RPT is a valid token of this server, for something else.
    const token = tokenIn(request.headers.authorization)?.token;
    if (token !== undefined && (await deps.rpts.get(keyOf(token), deps.now())) !== undefined)
      throw denied('an RPT does not open the owner API');
    throw error;
  }
  throw denied('the token is a PAT too, or was issued to a client that does not act for the owner');
}

function pageOf({ limit, after }: { limit?: string | undefined; after?: string | undefined }): PageRequest {
  return { limit: Math.min(limit === undefined ? PAGE.default : Number(limit), PAGE.most), after };
}

const send = (reply: FastifyReply, value: unknown) =>
  reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(value));
