/** Keycloak's revocation (RFC 7009) and logout by refresh token: tokens that end before their time. */
import type { FastifyInstance } from 'fastify';
import { KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { ACCESS_TOKEN_KIND } from '../../oauth/access-tokens.ts';
import { presentedClient } from './client.ts';
import { invalidRequest } from './errors.ts';
import { signOut } from './logout.ts';
import type { ProtectionDeps } from './resources.ts';

export function sessionRoutes(app: FastifyInstance, deps: ProtectionDeps): void {
  const { provider, authority, stores, tokens, issuer, now } = deps;
  const schema = { hide: true };
  const leave = signOut(deps);

  app.get(KEYCLOAK_PATHS.endSession, { schema }, (request, reply) =>
    leave(new URL(request.url, issuer).searchParams, request, reply),
  );

  app.post<{ Body: URLSearchParams | undefined }>(KEYCLOAK_PATHS.revocation, { schema }, async (request, reply) => {
    const form = request.body ?? new URLSearchParams();
    const client = await presentedClient(deps, request, form);
    const token = form.get('token');
    if (token === null || token === '') throw invalidRequest('Token not provided');
    const live = await tokens.live(token);
    // RFC 7009 2.1 and 2.2: only the client's own; a token that is nobody's is answered the same.
    if (live?.kind === 'access' && live.client_id === client.clientId)
      await stores.artifacts.delete(ACCESS_TOKEN_KIND, live.key);
    else if (live?.kind === 'rpt') await authority.revoke(token, client.clientId, now());
    else await end(tokens.openRefresh(token), client.clientId);
    return reply.code(200).header('cache-control', 'no-store').send();
  });

  app.post<{ Body: URLSearchParams | undefined }>(KEYCLOAK_PATHS.endSession, { schema }, async (request, reply) => {
    const form = request.body ?? new URLSearchParams();
    const refresh = form.get('refresh_token');
    // Of a browser, that page's own form among them.
    if (refresh === null && !form.has('client_secret') && request.headers.authorization === undefined)
      return leave(form, request, reply);
    const client = await presentedClient(deps, request, form);
    if (refresh === null || refresh === '') throw invalidRequest('No refresh token');
    const sub = await end(tokens.openRefresh(refresh), client.clientId);
    // A session here is one person at one client: its RPTs end with it.
    if (sub !== undefined) {
      const filter = { client_id: client.clientId, party: { iss: issuer, sub } };
      await stores.refreshes.revoke(filter);
      await stores.rpts.revoke(filter);
    }
    return reply.code(204).header('cache-control', 'no-store').send();
  });

  /** Ends what a refresh token stands for; the subject, where it was this client's. */
  async function end(secret: string, client_id: string): Promise<string | undefined> {
    const found = await provider.RefreshToken.find(secret);
    if (found?.clientId === client_id) {
      if (found.grantId !== undefined) await stores.artifacts.deleteByGrant(found.grantId);
      await found.destroy();
      return found.accountId;
    }
    await authority.revoke(secret, client_id, now());
    return undefined;
  }
}
