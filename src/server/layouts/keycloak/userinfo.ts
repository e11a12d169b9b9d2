/** Keycloak's userinfo (OpenID Connect Core 5.3), by this layout's access tokens. */
import type { FastifyInstance } from 'fastify';
import { json } from '../../http/json.ts';
import { bearerRefusal } from '../../http/refusal.ts';
import { tokenIn } from '../../protection/pat.ts';
import type { ProtectionDeps } from './resources.ts';

export function userinfoRoute(app: FastifyInstance, { tokens, people, issuer }: ProtectionDeps): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/protocol/openid-connect/userinfo',
    schema: { hide: true },
    async handler(request, reply) {
      const token = await tokens.live(tokenIn(request.headers.authorization)?.token ?? '');
      const person = token?.kind === 'access' ? people.bySub(token.sub) : undefined;
      if (token?.kind !== 'access' || person === undefined)
        throw bearerRefusal(401, issuer, { error: 'invalid_token', description: 'Token verification failed' });
      if (!token.facts.scopes.includes('openid'))
        throw bearerRefusal(403, issuer, { error: 'insufficient_scope', description: 'Missing openid scope' });
      const { sub, email_verified, name, username, given_name, family_name, email } = person;
      return json(reply, { sub, email_verified, name, preferred_username: username, given_name, family_name, email });
    },
  });
}
