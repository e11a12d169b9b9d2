/** The client's half of DPoP (RFC 9449): a key that tokens are bound to, and a proof for each request. */
import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';

/** A private key as a JWK: a secret, kept beside the token that is bound to it. */
export type DpopKey = JWK;

const ALG = 'ES256';

export async function newDpopKey(): Promise<DpopKey> {
  const { privateKey } = await generateKeyPair(ALG, { extractable: true });
  return exportJWK(privateKey);
}

/** The `DPoP` header for one request; with `token` for a protected resource. `now` in seconds since the epoch. */
export async function proofOf(
  key: DpopKey,
  { method, url }: Pick<HttpRequest, 'method' | 'url'>,
  more: { now: number; token?: string; nonce?: string },
): Promise<string> {
  const { kty, crv, x, y } = key;
  const { origin, pathname } = new URL(url);
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: origin + pathname,
    iat: Math.floor(more.now),
    ...(more.token === undefined ? {} : { ath: createHash('sha256').update(more.token).digest('base64url') }),
    ...(more.nonce === undefined ? {} : { nonce: more.nonce }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: ALG, jwk: { kty, crv, x, y } as JWK })
    .sign(await importJWK(key, ALG));
}

/** The nonce that a server asks for (RFC 9449 8); undefined when its answer asks for none. */
export function nonceAskedFor({ status, headers, body }: HttpResponse): string | undefined {
  return status === 400 && /"use_dpop_nonce"/.test(body) ? headers['dpop-nonce'] : undefined;
}
