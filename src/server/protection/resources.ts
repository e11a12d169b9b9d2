/** The resource registration endpoint: UMA Federated Authorization 3.2. */
import type { FastifyInstance } from 'fastify';
import type { HistoryType } from '../../protocol/owner.ts';
import { type ResourceDescription as Description, faultOfDescription } from '../../protocol/resource.ts';
import type { Authority } from '../authorization/authority.ts';
import { newId } from '../authorization/secrets.ts';
import { readJsonBodies } from '../http/body.ts';
import { json } from '../http/json.ts';
import { Refusal } from '../http/refusal.ts';
import { PATHS } from '../oauth/paths.ts';
import type { Domain, Stores } from '../stores/types.ts';
import { type GuardDeps, requirePat } from './pat.ts';
import {
  bearerSecurity,
  byFault,
  IdParams,
  RegisteredResource,
  Registration,
  ResourceDescription,
  ResourceIds,
  refusals,
} from './schemas.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose PAT it came with; set by the guard of the protection API. */
    domain: Domain;
  }
}

export interface ResourceDeps extends GuardDeps {
  stores: Pick<Stores, 'resources' | 'history'>;
  authority: Authority;
}

export function resourceRoutes(app: FastifyInstance, deps: ResourceDeps): void {
  const { issuer, stores, authority, now } = deps;
  const endpoint = issuer + PATHS.resource_registration;
  readJsonBodies(app);
  app.decorateRequest('domain', null as unknown as Domain);
  // Before the body is read: nobody without a PAT makes this server parse anything.
  app.addHook('onRequest', async (request) => {
    request.domain = await requirePat(deps, request);
  });

  const collection = PATHS.resource_registration;
  const item = `${PATHS.resource_registration}/:id`;
  const security = bearerSecurity;
  const tags = ['resource registration'];
  const validatorCompiler = byFault(faultOfDescription);
  const registration = (id: string) => ({
    _id: id,
    user_access_policy_uri: `${issuer}${PATHS.resource_page}/${encodeURIComponent(id)}`,
  });

  app.post<{ Body: Description }>(
    collection,
    {
      validatorCompiler,
      schema: {
        security,
        tags,
        summary: 'Register a resource',
        body: ResourceDescription,
        response: { 201: Registration, ...refusals },
      },
    },
    async ({ domain, body }, reply) => {
      const at = now();
      const id = newId();
      await stores.resources.create({ id, ...domain, description: described(body), created_at: at, updated_at: at });
      await log(domain, 'resource_registered', id, body, at);
      return json(reply.code(201).header('location', `${endpoint}/${id}`), registration(id));
    },
  );

  app.get(
    collection,
    { schema: { security, tags, summary: 'List resource ids', response: { 200: ResourceIds, ...refusals } } },
    async ({ domain }, reply) => json(reply, await stores.resources.ids(domain)),
  );

  app.get<{ Params: { id: string } }>(
    item,
    {
      schema: {
        security,
        tags,
        summary: 'Read a resource',
        params: IdParams,
        response: { 200: RegisteredResource, ...refusals },
      },
      validatorCompiler,
    },
    async ({ domain, params: { id } }, reply) => {
      const record = await stores.resources.find(id, domain);
      if (record === undefined) throw notFound();
      return json(reply, { ...record.description, ...registration(id) });
    },
  );

  app.put<{ Params: { id: string }; Body: Description }>(
    item,
    {
      validatorCompiler,
      schema: {
        security,
        tags,
        summary: 'Replace a description',
        params: IdParams,
        body: ResourceDescription,
        response: { 200: Registration, ...refusals },
      },
    },
    async ({ domain, params: { id }, body }, reply) => {
      const before = await stores.resources.find(id, domain);
      const at = now();
      if (before === undefined || !(await stores.resources.update(id, domain, described(body), at))) throw notFound();
      await authority.resourceChanged(before, body.resource_scopes);
      await log(domain, 'resource_updated', id, body, at);
      return json(reply, registration(id));
    },
  );

  app.delete<{ Params: { id: string } }>(
    item,
    {
      validatorCompiler,
      schema: { security, tags, summary: 'Deregister a resource', params: IdParams, response: refusals },
    },
    async ({ domain, params: { id } }, reply) => {
      const record = await stores.resources.find(id, domain);
      if (record === undefined || !(await stores.resources.delete(id, domain))) throw notFound();
      await authority.resourceDeleted(id);
      await log(domain, 'resource_deleted', id, record.description, now());
      return reply.code(204).header('cache-control', 'no-store').send();
    },
  );

  async function log({ owner, rs }: Domain, type: HistoryType, resource_id: string, { name }: Description, at: number) {
    const named = name === undefined ? {} : { resource_name: name };
    await stores.history.append({ id: newId(), owner, type, at, resource_id, client_id: rs, ...named });
  }
}

/** The id and the policy page are this server's to give (FED-3.2-04). */
function described({ _id, user_access_policy_uri, ...description }: Description): Description {
  return description;
}

/** The same for unknown, deleted and foreign (ATK-15). */
const notFound = () => new Refusal(404, 'not_found', 'no such resource is registered with this PAT');
