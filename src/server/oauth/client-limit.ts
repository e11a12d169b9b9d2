/**
 * Wrong client secrets at oidc-provider's endpoints, counted as at ours (attempts.ts). The library looks a secret up by
 * `compareClientSecret`: that is where a client has to wait; an answer 401 is where a failure is seen, of unknown clients too.
 */
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from '../../protocol/http.ts';
import { keyOf } from '../authorization/secrets.ts';
import { isSecret } from '../config/passwords.ts';
import { type Attempt, type Attempts, TooManyAttempts } from './attempts.ts';
import { readBasic } from './client-authentication.ts';
import { comparable } from './clients.ts';

export function limitClientSecrets(provider: Provider, attempts: Attempts): void {
  const { prototype } = provider.Client;
  prototype.compareClientSecret = async function (given: string): Promise<boolean> {
    const presented = comparable(given, this.clientSecret);
    // In place of the library's comparison, which fills up the shorter text with NUL and always goes through a thousand characters.
    const compare = async () => this.clientSecret !== undefined && isSecret(presented, keyOf(this.clientSecret));
    // Outside of the library's routes whoever asks has counted.
    const ctx = Provider.ctx as KoaContextWithOIDC | undefined;
    const attempt = ctx === undefined ? undefined : attemptOf(ctx);
    if (ctx === undefined || attempt === undefined) return compare();
    const again = await attempts.check(attempt).catch((error: unknown) => {
      throw asOAuthError(ctx, error);
    });
    const right = await compare();
    if (right) await attempts.succeeded(attempt, again);
    return right;
  };
  provider.use(async (ctx, next) => {
    await next();
    const { body } = ctx as { body: unknown };
    if (ctx.status !== 401 || !isObject(body) || body.error !== 'invalid_client') return;
    const attempt = attemptOf(ctx as unknown as KoaContextWithOIDC);
    if (attempt === undefined) return;
    try {
      await attempts.check(attempt);
      await attempts.failed(attempt);
    } catch (error) {
      if (!(error instanceof TooManyAttempts)) throw error;
      ctx.status = error.status;
      ctx.remove('www-authenticate');
      ctx.set({ ...error.headers });
      ctx.body = { error: error.error, error_description: error.description };
    }
  });
}

/** Undefined where no secret was presented. */
function attemptOf(ctx: KoaContextWithOIDC): Attempt | undefined {
  if (ctx.oidc === undefined) return undefined;
  const { client_id, client_secret } = ctx.oidc.params ?? {};
  const { authorization } = ctx.headers;
  const account = client_secret ? client_id : authorization === undefined ? undefined : readBasic(authorization)?.id;
  return typeof account === 'string' ? { of: 'client', account, address: ctx.ip } : undefined;
}

/** The library answers errors of its own kind only; this one with another status than their 400. Other faults stay what they are. */
export function asOAuthError(ctx: { set(headers: Record<string, string>): void }, fault: unknown): unknown {
  if (!(fault instanceof TooManyAttempts)) return fault;
  const { error, description, status, headers } = fault;
  ctx.set({ ...headers });
  return Object.assign(new errors.CustomOIDCProviderError(error, description), { status, statusCode: status });
}
