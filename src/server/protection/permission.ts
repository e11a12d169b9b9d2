/** The permission endpoint: UMA Federated Authorization 4. */
import type { FastifyInstance } from 'fastify';
import {
  faultOfPermissionRequest,
  normalisePermissionRequest,
  type RequestedPermission,
} from '../../protocol/permission.ts';
import { difference } from '../../protocol/scopes.ts';
import type { Authority } from '../authorization/authority.ts';
import type { Directory } from '../authorization/deps.ts';
import { JSON_BODY, readJsonBodies } from '../http/body.ts';
import { jsonText } from '../http/json.ts';
import { invalidRequest, Refusal } from '../http/refusal.ts';
import type { Answered, ShortWay } from '../http/short-way.ts';
import { PATHS } from '../oauth/paths.ts';
import type { Domain, Stores } from '../stores/types.ts';
import { type GuardDeps, requirePat } from './pat.ts';
import { bearerSecurity, byFault, PermissionRequest, refusals, Ticket } from './schemas.ts';

export interface PermissionDeps extends GuardDeps {
  stores: Pick<Stores, 'resources'>;
  authority: Authority;
  directory: Directory;
  short: ShortWay | undefined;
}

/** Resources named in an error text, at most. */
const SHOWN = 5;

export function permissionRoute(app: FastifyInstance, deps: PermissionDeps): void {
  const { stores, authority, directory, now } = deps;
  readJsonBodies(app);
  app.decorateRequest('domain', null as unknown as Domain);
  app.addHook('onRequest', async (request) => {
    request.domain = await requirePat(deps, request);
  });
  app.post<{ Body: RequestedPermission | RequestedPermission[] }>(
    PATHS.permission,
    {
      validatorCompiler: byFault(faultOfPermissionRequest),
      schema: {
        security: bearerSecurity,
        tags: ['permission'],
        summary: 'Get a permission ticket for one or several permissions',
        body: PermissionRequest,
        response: { 201: Ticket, ...refusals },
      },
    },
    async ({ domain, body }, reply) => {
      const { status, text } = await answer(domain, body);
      return jsonText(reply.code(status), text);
    },
  );
  deps.short?.add(PATHS.permission, JSON_BODY.type, async (asked, bytes) => {
    const domain = await requirePat(deps, asked);
    const body = JSON_BODY.read(bytes.toString());
    const fault = faultOfPermissionRequest(body);
    if (fault !== undefined) throw invalidRequest(fault);
    return answer(domain, body as RequestedPermission | RequestedPermission[]);
  });

  async function answer(domain: Domain, body: RequestedPermission | RequestedPermission[]): Promise<Answered> {
    const permissions = normalisePermissionRequest(body);
    for (const permission of permissions) await check(domain, permission);
    const ticket = await authority.issueTicket(domain, permissions, now());
    return { status: 201, text: JSON.stringify({ ticket }) };
  }

  /** FED 4.3: looked up by id and nothing else (ATK-18), of this owner and this resource server only (ATK-13). */
  async function check(domain: Domain, { resource_id, resource_scopes }: RequestedPermission): Promise<void> {
    const record = await stores.resources.find(resource_id, domain);
    if (record === undefined) throw new Refusal(400, 'invalid_resource_id', await unknown(domain, resource_id));
    const offered = record.description.resource_scopes;
    const missing = difference(resource_scopes, offered);
    if (missing.length === 0) return;
    const has = offered.length === 0 ? 'it has no scopes' : `it has ${offered.join(' ')}`;
    throw new Refusal(400, 'invalid_scope', `the resource ${resource_id} does not offer ${missing.join(' ')}; ${has}`);
  }

  async function unknown(domain: Domain, id: string): Promise<string> {
    const ids = await stores.resources.ids(domain);
    const owner = directory.bySub(domain.owner)?.username ?? domain.owner;
    const seen =
      ids.length === 0
        ? 'it sees no resources'
        : `it sees ${ids.length === 1 ? 'one resource' : `${ids.length} resources`}: ${ids.slice(0, SHOWN).join(' ')}${ids.length > SHOWN ? ' ...' : ''}`;
    return `the PAT of owner ${owner} for resource server ${domain.rs} has no resource ${id}; ${seen}`;
  }
}
