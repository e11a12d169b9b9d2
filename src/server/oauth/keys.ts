/**
 * oauth/: the OAuth 2.0 and OpenID Connect core of the AS, which is oidc-provider with our grants, kept in our stores.
 * RFC 6749, 6750, 7009, 7636, 8414, 8628, OpenID Connect Core; UMA Grant 3.3.1 where the uma-ticket grant enters.
 * Thin: what UMA decides is decided in `authorization/`. Must not import `protection`, `owner` or `client`.
 *
 * This file: signing keys. ES256 unless a layout's clients know RSA only: an RSA key takes longer to make than the whole start of
 * the server.
 */
import { createHash, generateKeyPair, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { promisify } from 'node:util';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { KeyStore } from '../stores/types.ts';

export type SigningAlgorithm = 'ES256' | 'RS256';
export const SIGNING_ALG: SigningAlgorithm = 'ES256';

export interface SigningKeys {
  /** What {@link SigningKeys.sign} signs with. */
  alg: SigningAlgorithm;
  /** All private keys, the one that signs first. */
  privateJwks: JWK[];
  /** A compact JWS of these claims with header `typ`, signed by the newest key. */
  sign(claims: Record<string, unknown>, typ: string): Promise<string>;
  publicJwks(): { keys: JWK[] };
  /** 32 bytes for another purpose, the same in every process that shares the keys. */
  derive(purpose: string): Buffer;
}

/** The keys of a store; the first start with an algorithm makes one for it. `now` in seconds. */
export async function loadKeys(store: KeyStore, now: number, alg = SIGNING_ALG): Promise<SigningKeys> {
  let records = await store.list();
  if (!records.some(({ jwk }) => jwk.alg === alg)) {
    const jwk = alg === 'ES256' ? newEcKey() : await newRsaKey();
    const record = { kid: jwk.kid, jwk, created_at: now };
    if (records.length === 0) records = await store.addFirst(record);
    else {
      await store.add(record);
      records = await store.list();
    }
  }
  const privateJwks = records.map(({ jwk }) => jwk as JWK);
  const newest = privateJwks.find((jwk) => jwk.alg === alg)!;
  let signer: Promise<Awaited<ReturnType<typeof importJWK>>> | undefined;
  return {
    alg,
    privateJwks,
    async sign(claims, typ) {
      signer ??= importJWK(newest, alg);
      return new SignJWT(claims).setProtectedHeader({ alg, kid: newest.kid!, typ }).sign(await signer);
    },
    publicJwks: () => ({ keys: privateJwks.map(publicPart) }),
    // From the oldest key: it stays the same when a newer one is added.
    derive: (purpose) => Buffer.from(hkdfSync('sha256', privateJwks.at(-1)!.d as string, '', `uma:${purpose}`, 32)),
  };
}

function newEcKey(): NewKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, kty, x, y, d } = privateKey.export({ format: 'jwk' });
  return described({ crv, kty, x, y }, { d }, 'ES256');
}

/** Beside the rest of the start: it takes a tenth of a second and more. */
async function newRsaKey(): Promise<NewKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { e, kty, n, ...secret } = privateKey.export({ format: 'jwk' });
  return described({ e, kty, n }, secret, 'RS256');
}

type NewKey = JWK & { kid: string };

/** @param thumbprinted the members of RFC 7638, in its order. */
function described(thumbprinted: object, secret: object, alg: SigningAlgorithm): NewKey {
  const kid = createHash('sha256').update(JSON.stringify(thumbprinted)).digest('base64url');
  return { ...thumbprinted, ...secret, kid, alg, use: 'sig' } as NewKey;
}

function publicPart({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...key }: JWK): JWK {
  return key;
}
