/**
 * oauth/: the OAuth 2.0 and OpenID Connect core of the AS, which is oidc-provider with our grants, kept in our stores.
 * RFC 6749, 6750, 7009, 7636, 8414, 8628, OpenID Connect Core; UMA Grant 3.3.1 where the uma-ticket grant enters.
 * Thin: what UMA decides is decided in `authorization/`. Must not import `protection`, `owner` or `client`.
 *
 * This file: signing keys. ES256, because an RSA key takes longer to make than the whole start of the server.
 */
import { createHash, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { KeyStore } from '../stores/types.ts';

export const SIGNING_ALG = 'ES256';

export interface SigningKeys {
  /** All private keys, the one that signs first. */
  privateJwks: JWK[];
  /** A compact JWS of these claims with header `typ`, signed by the newest key. */
  sign(claims: Record<string, unknown>, typ: string): Promise<string>;
  publicJwks(): { keys: JWK[] };
  /** 32 bytes for another purpose, the same in every process that shares the keys. */
  derive(purpose: string): Buffer;
}

/** The keys of a store; the first start makes one. `now` in seconds. */
export async function loadKeys(store: KeyStore, now: number): Promise<SigningKeys> {
  let records = await store.list();
  if (records.length === 0) {
    const jwk = newKey();
    records = await store.addFirst({ kid: jwk.kid, jwk, created_at: now });
  }
  const privateJwks = records.map(({ jwk }) => jwk as JWK);
  const newest = privateJwks[0]!;
  let signer: Promise<Awaited<ReturnType<typeof importJWK>>> | undefined;
  return {
    privateJwks,
    async sign(claims, typ) {
      signer ??= importJWK(newest, SIGNING_ALG);
      return new SignJWT(claims).setProtectedHeader({ alg: SIGNING_ALG, kid: newest.kid!, typ }).sign(await signer);
    },
    publicJwks: () => ({ keys: privateJwks.map(({ d: _secret, ...key }) => key) }),
    // From the oldest key: it stays the same when a newer one is added.
    derive: (purpose) => Buffer.from(hkdfSync('sha256', privateJwks.at(-1)!.d as string, '', `uma:${purpose}`, 32)),
  };
}

function newKey(): JWK & { kid: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, kty, x, y, d } = privateKey.export({ format: 'jwk' });
  // RFC 7638: the required members in this order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { crv, kty, x, y, d, kid, alg: SIGNING_ALG, use: 'sig' } as JWK & { kid: string };
}
