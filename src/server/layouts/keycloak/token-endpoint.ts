/** Keycloak's token endpoint: the uma-ticket grant is answered here, every other goes to the OAuth core, in the form that it wants. */
import type { FastifyInstance } from 'fastify';
import { UMA_TICKET_GRANT } from '../../../protocol/outcome.ts';
import { KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { Refusal } from '../../http/refusal.ts';
import { withBody } from '../../oauth/mount.ts';
import { PATHS } from '../../oauth/paths.ts';
import { asBasic, presentedClient } from './client.ts';
import type { ProtectionDeps } from './resources.ts';
import { wireScope } from './tokens.ts';
import { umaGrant } from './uma-grant.ts';

/** Scopes that Keycloak knows in every realm; those without a counterpart here ask for nothing. */
const KNOWN = new Set([
  'openid',
  'offline_access',
  'profile',
  'email',
  'address',
  'phone',
  'roles',
  'web-origins',
  'acr',
  'basic',
  'microprofile-jwt',
  'organization',
  'service_account',
]);

export function tokenRoute(app: FastifyInstance, deps: ProtectionDeps): void {
  app.post<{ Body: URLSearchParams | undefined }>(
    KEYCLOAK_PATHS.token,
    { schema: { hide: true } },
    async (request, reply) => {
      const form = request.body ?? new URLSearchParams();
      const grant = form.get('grant_type');
      reply.header('cache-control', 'no-store');
      if (grant === UMA_TICKET_GRANT) return umaGrant(deps, request, reply, form);
      if (grant === null || grant === '')
        throw new Refusal(400, 'invalid_request', 'Missing form parameter: grant_type');
      if (!GRANTS.has(grant)) throw new Refusal(400, 'unsupported_grant_type', 'Unsupported grant_type');
      const authorization = asBasic(await presentedClient(deps, request, form), request.headers.authorization, form);
      const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
      const unknown = asked.filter((scope) => !KNOWN.has(scope));
      if (unknown.length > 0) throw new Refusal(400, 'invalid_scope', `Invalid scopes: ${asked.join(' ')}`);
      const passed = new URLSearchParams();
      for (const [name, value] of form)
        if (value !== '' && name !== 'scope' && name !== 'client_secret') passed.append(name, value);
      if (grant === 'password') passed.set('scope', wireScope(asked));
      if (grant === 'refresh_token')
        passed.set('refresh_token', deps.tokens.openRefresh(form.get('refresh_token') ?? ''));
      if (authorization !== undefined) passed.delete('client_id');
      const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
      deps.handOver(request, reply, withBody(request, passed.toString(), { url: PATHS.token, headers }));
      return reply;
    },
  );
}

const GRANTS = new Set([
  'authorization_code',
  'client_credentials',
  'password',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
]);
