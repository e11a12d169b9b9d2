/**
 * The one place that reaches into oidc-provider behind its public interface; its version is pinned exactly, and
 * test/server/http/token.test.ts fails when what is used here changes. Used: the check of DPoP proofs and the issuing of ID
 * Tokens, which the library does for its own grants only.
 */
import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
// @ts-expect-error: not part of the library's types
import validateDpop, { checkDpopReplay } from 'oidc-provider/lib/helpers/validate_dpop.js';

interface Proof {
  thumbprint: string;
  jti: string;
}
const validate = validateDpop as (provider: Provider, ctx: KoaContextWithOIDC) => Promise<Proof | undefined>;
const refuseReplay = checkDpopReplay as (
  provider: Provider,
  ctx: KoaContextWithOIDC,
  proof: Proof,
  clientId: string,
  ErrorClass: unknown,
) => Promise<void>;

/**
 * Thumbprint of the key proved by the request's DPoP header; undefined without that header.
 * @throws an OAuth error (`invalid_dpop_proof`, `use_dpop_nonce`) that oidc-provider answers.
 */
export async function provenKey(provider: Provider, ctx: KoaContextWithOIDC): Promise<string | undefined> {
  if (ctx.headers.dpop === undefined) return undefined;
  const proof = await validate(provider, ctx);
  if (proof === undefined) return undefined;
  await refuseReplay(provider, ctx, proof, ctx.oidc.client!.clientId, errors.InvalidDpopProof);
  return proof.thumbprint;
}

/** Binds a token that is not saved yet to a proven key; its `token_type` is DPoP then (SEC-9449-03). */
export function bindTo(token: object, jkt: string | undefined): void {
  if (jkt !== undefined) (token as { setThumbprint(kind: 'jkt', value: string): void }).setThumbprint('jkt', jkt);
}

/** An ID Token for the request's client with those of `claims` that `scope` covers (OpenID Connect Core 5.4). */
export function issueIdToken(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  claims: { sub: string; [claim: string]: unknown },
  scope: string,
): Promise<string> {
  const token = new provider.IdToken(claims, { ctx, client: ctx.oidc.client });
  (token as unknown as { scope: string }).scope = scope;
  return token.issue({ use: 'idtoken' });
}

/**
 * A session that was never saved has nothing to be kept. The library throws for one where a form is posted that no session of this
 * browser has been given (device flow): 500 in place of its own error page.
 */
export function keepOnlySavedSessions({ Session }: Provider): void {
  const sessions = Session.prototype as unknown as { exp?: number; persist(): Promise<unknown> };
  const { persist } = sessions;
  sessions.persist = async function () {
    return typeof this.exp === 'number' ? persist.call(this) : undefined;
  };
}
