/** Keycloak's introspection: by a client's own credentials only, permissions only for `token_type_hint=requesting_party_token` (RFC 7662, FED 5). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KEYCLOAK_PATHS, KEYCLOAK_RPT_HINT } from '../../../wire/keycloak.ts';
import { json } from '../../http/json.ts';
import { Refusal } from '../../http/refusal.ts';
import { presentedClient } from './client.ts';
import { invalidRequest } from './errors.ts';
import type { ProtectionDeps } from './resources.ts';
import { wirePermissions } from './tokens.ts';

const HINTS = new Set([KEYCLOAK_RPT_HINT, 'access_token', 'refresh_token']);
const INACTIVE = { active: false };

export function introspectionRoute(app: FastifyInstance, deps: ProtectionDeps): void {
  const { authority, stores, tokens, people, realm, now } = deps;

  app.post<{ Body: URLSearchParams | undefined }>(
    KEYCLOAK_PATHS.introspection,
    { schema: { hide: true } },
    async (request, reply) => {
      const form = request.body ?? new URLSearchParams();
      const rs = await caller(request, form);
      const token = form.get('token');
      const hint = form.get('token_type_hint') ?? 'access_token';
      if (token === null || token === '') throw invalidRequest('Token not provided.');
      if (!HINTS.has(hint)) throw invalidRequest('Unsupported token type.');
      return json(reply, (await answer(rs, token, hint === KEYCLOAK_RPT_HINT)) ?? INACTIVE);
    },
  );

  /** A bearer token opens nothing here; a good one beside the client's credentials is no fault (python-keycloak sends both). */
  async function caller(request: FastifyRequest, form: URLSearchParams): Promise<string> {
    const client = await presentedClient(deps, request, form).catch((error: unknown) => {
      if (error instanceof Refusal && error.status === 401)
        throw new Refusal(401, 'invalid_client', 'Client authentication failed.');
      throw error;
    });
    if (client.clientAuthMethod === 'none') throw new Refusal(401, 'invalid_client', 'Client not allowed.');
    return client.clientId;
  }

  async function answer(rs: string, token: string, asRpt: boolean): Promise<object | undefined> {
    const live = await tokens.live(token);
    const payload = live === undefined ? undefined : tokens.signed(token);
    if (live === undefined || payload === undefined || (asRpt && live.kind !== 'rpt')) return undefined;
    // Who a token is not for learns nothing of it.
    if (live.kind === 'access' && live.client_id !== rs && ![payload.aud].flat().includes(rs)) return undefined;
    const { exp, iat, nbf, jti, aud, typ, acr, auth_time, ...members } = payload;
    const base = { exp, iat, nbf, jti, aud, typ, acr, auth_time };
    if (live.kind === 'rpt') {
      // ATK-12: another resource server's is inactive, and what the owner took back meanwhile is gone.
      const known = await authority.introspect(token, { rs }, now());
      if (known?.active !== true) return undefined;
      if (asRpt) {
        const permissions = (await wirePermissions(stores, live.rpt.permissions)).map((permission) => ({
          ...permission,
          resource_id: permission.rsid,
          resource_scopes: permission.scopes ?? [],
        }));
        return { ...base, permissions, active: true };
      }
    }
    const { authorization: _permissions, ...shown } = members;
    const username = people.bySub(live.sub)?.username ?? realm.clients.get(live.sub)?.account?.username;
    return { ...base, ...shown, client_id: live.client_id, username, token_type: 'Bearer', active: true };
  }
}
