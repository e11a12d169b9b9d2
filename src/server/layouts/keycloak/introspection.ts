/** Keycloak's introspection: by a client's own credentials only, permissions only for `token_type_hint=requesting_party_token` (RFC 7662, FED 5). */
import type { FastifyInstance } from 'fastify';
import type { Permission } from '../../../protocol/permission.ts';
import { KEYCLOAK_PATHS, KEYCLOAK_RPT_HINT } from '../../../wire/keycloak.ts';
import { Refusal } from '../../http/refusal.ts';
import { type Asked, type HotRoute, hotRoute } from '../../http/short-way.ts';
import { REPEATING_FORM } from './body.ts';
import { presentedClient } from './client.ts';
import { invalidRequest } from './errors.ts';
import type { ProtectionDeps } from './resources.ts';
import { wirePermissions } from './tokens.ts';

const HINTS = new Set([KEYCLOAK_RPT_HINT, 'access_token', 'refresh_token']);
const INACTIVE = { active: false };

export function introspectionRoute(app: FastifyInstance, deps: ProtectionDeps): void {
  const { authority, stores, tokens, people, realm, now } = deps;

  const route: HotRoute<URLSearchParams> = {
    path: KEYCLOAK_PATHS.introspection,
    reader: REPEATING_FORM,
    async answer(asked, body) {
      const form = body() ?? new URLSearchParams();
      const rs = await caller(asked, form);
      const token = form.get('token');
      const hint = form.get('token_type_hint') ?? 'access_token';
      if (token === null || token === '') throw invalidRequest('Token not provided.');
      if (!HINTS.has(hint)) throw invalidRequest('Unsupported token type.');
      const said = (await answer(rs, token, hint === KEYCLOAK_RPT_HINT)) ?? INACTIVE;
      return { status: 200, text: JSON.stringify(said) };
    },
  };
  hotRoute(app, deps.short, route, { schema: { hide: true } });

  /** A bearer token opens nothing here; a good one beside the client's credentials is no fault (python-keycloak sends both). */
  async function caller(request: Asked, form: URLSearchParams): Promise<string> {
    const client = await presentedClient(deps, request, form).catch((error: unknown) => {
      if (error instanceof Refusal && error.status === 401)
        throw new Refusal(401, 'invalid_client', 'Client authentication failed.');
      throw error;
    });
    if (client.clientAuthMethod === 'none') throw new Refusal(401, 'invalid_client', 'Client not allowed.');
    return client.clientId;
  }

  async function answer(rs: string, token: string, asRpt: boolean): Promise<object | undefined> {
    const payload = tokens.signed(token);
    if (payload === undefined) return undefined;
    const { exp, iat, nbf, jti, aud, typ, acr, auth_time, authorization, ...shown } = payload;
    const base = { exp, iat, nbf, jti, aud, typ, acr, auth_time };
    const known = authorization === undefined ? undefined : await rpt(rs, token);
    if (asRpt) {
      if (known === undefined) return undefined;
      const permissions = (await wirePermissions(stores, known.permissions)).map((permission) => ({
        ...permission,
        resource_id: permission.rsid,
        resource_scopes: permission.scopes ?? [],
      }));
      return { ...base, permissions, active: true };
    }
    const about = authorization === undefined ? await accessToken(rs, token, aud) : known;
    if (about === undefined) return undefined;
    const { sub, client_id } = about;
    const username = people.bySub(sub)?.username ?? realm.clients.get(sub)?.account?.username;
    return { ...base, ...shown, client_id, username, token_type: 'Bearer', active: true };
  }

  /** ATK-12: another resource server's is inactive, and what the owner took back meanwhile is gone. */
  async function rpt(rs: string, token: string) {
    const known = await authority.introspect(token, { rs }, now());
    if (known?.active !== true || known.cnf !== undefined) return undefined;
    const { permissions, requesting_party, client_id } = known as {
      permissions: Permission[];
      requesting_party: { sub: string };
      client_id: string;
    };
    return { permissions, sub: requesting_party.sub, client_id };
  }

  async function accessToken(rs: string, token: string, aud: unknown) {
    const live = await tokens.live(token);
    // Who a token is not for learns nothing of it.
    return live?.client_id === rs || [aud].flat().includes(rs) ? live : undefined;
  }
}
