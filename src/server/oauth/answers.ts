/**
 * Answers of oidc-provider that RFC 6749 or RFC 7009 want otherwise, corrected on their way out. It sees the library's own
 * texts, so the library's version is pinned exactly and each line here has a test.
 */
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from '../../protocol/http.ts';
import type { Authority } from '../authorization/authority.ts';

/** Descriptions under which the library answers 400 where no client was authenticated: 401 `invalid_client` (RFC 6749 5.2). */
const NOT_AUTHENTICATED = new Set([
  'no client authentication mechanism provided',
  'invalid authorization header value format',
  'client_id and client_secret in the authorization header are not properly encoded',
  'client_secret must be provided in the Authorization header',
]);
/** Of the token endpoint and, with the grant's name, of device authorization. */
const NOT_ALLOWED = 'is not allowed for this client';

/** Routes that begin with client authentication. */
const CLIENT_ROUTES = new Set(['token', 'revocation', 'device_authorization', 'pushed_authorization_request']);

/** Where the library reads a body; it tells of each failure by an event, after its answer is made. */
const BODY_EVENTS = [
  'grant.error',
  'revocation.error',
  'device_authorization.error',
  'pushed_authorization_request.error',
  'registration_create.error',
  'userinfo.error',
] as const;

/** A body over the library's limit is 413, as at our own endpoints, where the library says 400. */
function refuseLargeBodies(provider: Provider): void {
  const onError = (ctx: KoaContextWithOIDC, error: Error) => {
    if (!(error.cause instanceof Error) || error.cause.message !== 'request entity too large') return;
    ctx.status = 413;
    ctx.body = { error: 'invalid_request', error_description: 'the body is larger than this server accepts' };
  };
  for (const event of BODY_EVENTS) provider.on(event as 'grant.error', onError);
}

export function correctAnswers(provider: Provider, authority: Authority, now: () => number): void {
  refuseLargeBodies(provider);
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as Partial<KoaContextWithOIDC>;
    if (oidc === undefined) return;
    if (CLIENT_ROUTES.has(oidc.route)) {
      ctx.set('cache-control', 'no-store');
      const { body } = ctx as { body: unknown };
      if (isObject(body) && body.error === 'invalid_request') {
        const description = body.error_description;
        if (typeof description === 'string' && description.endsWith(NOT_ALLOWED)) {
          ctx.status = 400;
          ctx.body = { error: 'unauthorized_client', error_description: description };
        } else if (NOT_AUTHENTICATED.has(description as string)) {
          if (ctx.headers.authorization !== undefined)
            ctx.set('www-authenticate', `Basic realm="${provider.issuer}", error="invalid_client"`);
          ctx.status = 401;
          ctx.body = { error: 'invalid_client', error_description: description };
        }
      }
    }
    // Kept as a hash, and told once: to the client that registered (RFC 7591 3.2.1).
    if (oidc.route === 'client' && isObject(ctx.body)) delete (ctx.body as { client_secret?: unknown }).client_secret;
    if (oidc.route === 'revocation') await revokeOurs(ctx as unknown as KoaContextWithOIDC, authority, now());
  });
}

/** The client was authenticated and the library did not know the token: it may be an RPT, its refresh token or a PCT. */
async function revokeOurs(ctx: KoaContextWithOIDC, authority: Authority, now: number): Promise<void> {
  const { client, params } = ctx.oidc;
  const token = params?.token;
  if (client === undefined || typeof token !== 'string') return;
  const structured = isObject(ctx.body) && ctx.body.error === 'unsupported_token_type';
  if (ctx.status !== 200 && !structured) return;
  // RFC 7009 2.2: 200 for a token that is nobody's as well. A JWT is refused by the library before anybody looks for it.
  await authority.revoke(token, client.clientId, now);
  ctx.status = 200;
  ctx.body = '';
}
