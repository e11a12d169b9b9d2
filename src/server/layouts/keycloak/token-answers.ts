/** Token answers as Keycloak's: JWTs for the OAuth core's opaque tokens, its extra members, its texts. */
import type { Shape } from '../layout.ts';
import { type KeycloakTokens, wireScope } from './tokens.ts';

/** Members of the grants of the OAuth core; errors keep their code. */
export const tokenShape =
  (tokens: KeycloakTokens, refreshTtl: number, now: () => number): Shape =>
  async ({ status, body }, { form }) => {
    const given = body as Record<string, unknown>;
    if (status !== 200) {
      const wrongPassword = form.grant_type === 'password' && given.error === 'invalid_grant';
      return { status, body: wrongPassword ? { ...given, error_description: 'Invalid user credentials' } : given };
    }
    const { access_token, id_token, refresh_token: _refresh, scope, ...rest } = given;
    const secret = String(access_token);
    // An RPT that was refreshed is a JWT already.
    const jwt = secret.includes('.') ? secret : await tokens.access(secret);
    const { sub, azp, sid } = tokens.signed(jwt) as { sub: string; azp: string; sid?: string };
    return {
      status,
      body: {
        ...rest,
        ...sealedAnswer({ tokens, now, refreshTtl }, { ...given, access_token: jwt }, { sub, client_id: azp }),
        ...(typeof id_token === 'string' ? { id_token: await tokens.id(id_token, jwt) } : {}),
        ...(sid === undefined ? {} : { session_state: sid }),
        scope: wireScope(typeof scope === 'string' ? scope.split(' ') : []),
      },
    };
  };

interface Sealing {
  tokens: KeycloakTokens;
  now: () => number;
  /** Seconds. */
  refreshTtl: number;
}

/** The members that every answer with a token has; its refresh token sealed. */
export function sealedAnswer(
  { tokens, now, refreshTtl }: Sealing,
  { id_token: _id, scope: _scope, refresh_token, ...body }: Record<string, unknown>,
  about: { sub: string; client_id: string },
): Record<string, unknown> {
  const sealed =
    typeof refresh_token === 'string'
      ? {
          refresh_expires_in: refreshTtl,
          refresh_token: tokens.sealRefresh(refresh_token, { ...about, exp: now() + refreshTtl }),
        }
      : { refresh_expires_in: 0 };
  return { ...body, ...sealed, 'not-before-policy': 0 };
}
