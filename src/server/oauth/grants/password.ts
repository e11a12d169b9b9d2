/**
 * The resource owner password grant (RFC 6749 4.3) of the walkthroughs. RFC 9700 2.4 forbids it, so it exists only where the
 * configuration says so, and only for clients that list it.
 */
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { asOAuthError } from '../client-limit.ts';
import { bindTo, issueIdToken, provenKey } from '../internals.ts';
import type { People } from '../people.ts';

export const PASSWORD_GRANT = 'password';
/** What a person whose sign-in asks for more gets here; the grant has no way to ask (RFC 6749 4.3). */
export const MORE_THAN_PASSWORD = 'the sign-in of this person asks for more than a password, which this grant cannot';

/** @param now seconds since the epoch. @param scopes every scope this server knows. */
export function registerPasswordGrant(
  provider: Provider,
  people: People,
  scopes: readonly string[],
  now: () => number,
): void {
  provider.registerGrantType<{ username?: string; password?: string; [name: string]: unknown }>(
    PASSWORD_GRANT,
    async (ctx) => {
      const { client, params } = ctx.oidc;
      const { username, password } = params;
      const jkt = await provenKey(provider, ctx);
      if (username === undefined || password === undefined)
        throw new errors.InvalidRequest('"username" and "password" are required');
      const asked = [...new Set(params.scope?.split(' ') ?? [])];
      const allowed = client.scope === undefined ? scopes : client.scope.split(' ');
      const refused = asked.filter((scope) => !scopes.includes(scope) || !allowed.includes(scope));
      if (refused.length > 0)
        throw new errors.InvalidScope('requested scope is not allowed for this client', refused.join(' '));
      const person = await people.firstFactor(username, password, ctx.ip).catch((error: unknown) => {
        throw asOAuthError(ctx, error);
      });
      if (person?.second_factor) throw new errors.CustomOIDCProviderError('invalid_grant', MORE_THAN_PASSWORD);
      if (person === undefined)
        throw new errors.CustomOIDCProviderError('invalid_grant', 'the username or the password is wrong');

      const scope = asked.join(' ');
      const source = { accountId: person.sub, client, gty: PASSWORD_GRANT, scope };
      const grant = new provider.Grant({ accountId: person.sub, clientId: client.clientId });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const token = new provider.AccessToken({ ...source, grantId });
      bindTo(token, jkt);
      const body: Record<string, unknown> = {
        access_token: await token.save(),
        token_type: token.tokenType,
        expires_in: token.expiration,
        scope,
      };
      const auth_time = now();
      if (client.grantTypeAllowed('refresh_token')) {
        const refresh = new provider.RefreshToken({ ...source, grantId, authTime: auth_time, rotations: 0 });
        // RFC 9449 5: a public client's refresh token is bound as well; a confidential one's by the client's authentication.
        if (client.clientAuthMethod === 'none') bindTo(refresh, jkt);
        body.refresh_token = await refresh.save();
      }
      if (asked.includes('openid')) {
        body.id_token = await issueIdToken(provider, ctx, { ...people.claimsOf(person), auth_time }, scope);
      }
      ctx.body = body;
    },
    ['username', 'password', 'scope'],
  );
}
