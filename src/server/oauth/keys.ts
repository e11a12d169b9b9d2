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
import { isSealed, type KeySeal, opened } from '../stores/seal.ts';
import type { KeyRecord, KeyStore } from '../stores/types.ts';

export type SigningAlgorithm = 'ES256' | 'RS256';
export const SIGNING_ALG: SigningAlgorithm = 'ES256';

export interface SigningKeys {
  /** What {@link SigningKeys.sign} signs with. */
  alg: SigningAlgorithm;
  /** All private keys, the one that signs first. */
  privateJwks: JWK[];
  /** A compact JWS of these claims with header `typ`, signed by the first key. */
  sign(claims: Record<string, unknown>, typ: string): Promise<string>;
  publicJwks(): { keys: JWK[] };
  /** 32 bytes for another purpose, the same in every process that shares the keys. */
  derive(purpose: string): Buffer;
}

/**
 * Seconds in which a further key is published and does not sign yet: by then every instance has read it, and peers that keep a
 * copy of the key set for a minute have it too.
 */
export const KEY_LEAD = 120;

/**
 * The keys of a store; the first start with an algorithm makes one for it. `now` in seconds. Keys from before there was a seal get one.
 * @throws UmaError `store_key_wrong` (config).
 */
export async function loadKeys(
  store: KeyStore,
  now: number,
  alg = SIGNING_ALG,
  seal?: KeySeal | undefined,
): Promise<SigningKeys> {
  let kept = await store.list();
  if (!kept.some(({ jwk }) => jwk.alg === alg)) {
    const record = await newKey(alg, now, seal);
    if (kept.length === 0) kept = await store.addFirst(record);
    else {
      // Before anything is added: a wrong key must not leave one more behind.
      await Promise.all(kept.map((item) => opened(item, seal)));
      await store.add(record);
      kept = await store.list();
    }
  }
  const records = await Promise.all(kept.map((record) => opened(record, seal)));
  if (seal !== undefined)
    for (const record of kept) if (!isSealed(record)) await store.replace(await seal.close(record));
  const usable = records.filter(({ jwk }) => jwk.alg === alg);
  const signing = (usable.find(({ created_at }) => created_at + KEY_LEAD <= now) ?? usable.at(-1)!).jwk as JWK;
  const privateJwks = [signing, ...records.map(({ jwk }) => jwk as JWK).filter(({ kid }) => kid !== signing.kid)];
  const oldest = records.at(-1)!.jwk as JWK;
  let signer: Promise<Awaited<ReturnType<typeof importJWK>>> | undefined;
  return {
    alg,
    privateJwks,
    async sign(claims, typ) {
      signer ??= importJWK(signing, alg);
      return new SignJWT(claims).setProtectedHeader({ alg, kid: signing.kid!, typ }).sign(await signer);
    },
    publicJwks: () => ({ keys: privateJwks.map(publicPart) }),
    // From the oldest key: it stays the same when a newer one is added.
    derive: (purpose) => Buffer.from(hkdfSync('sha256', oldest.d as string, '', `uma:${purpose}`, 32)),
  };
}

/**
 * Adds a key for every algorithm that the store has keys for; running instances publish it, and sign with it {@link KEY_LEAD}
 * seconds later. With `dropOld` the keys before go at once: what they have signed is no longer believed, and sessions end.
 */
export async function rotateKeys(
  store: KeyStore,
  now: number,
  { dropOld = false, seal }: { dropOld?: boolean; seal?: KeySeal | undefined } = {},
): Promise<{ added: { kid: string; alg: string; signs_from: number }[]; dropped: string[] }> {
  const before = await store.list();
  // Whoever lost the key of the seal can still begin anew, and with another one nobody adds what running servers cannot read.
  if (seal !== undefined && !dropOld) await Promise.all(before.map(seal.open));
  const found = (['ES256', 'RS256'] as const).filter((alg) => before.some(({ jwk }) => jwk.alg === alg));
  const added = await Promise.all((found.length === 0 ? [SIGNING_ALG] : found).map((alg) => newKey(alg, now, seal)));
  for (const key of added) await store.add(key);
  const dropped = dropOld ? before.map(({ kid }) => kid) : [];
  for (const kid of dropped) await store.delete(kid);
  const signs_from = dropOld || before.length === 0 ? now : now + KEY_LEAD;
  return { added: added.map(({ kid, jwk }) => ({ kid, alg: String(jwk.alg), signs_from })), dropped };
}

async function newKey(alg: SigningAlgorithm, created_at: number, seal: KeySeal | undefined): Promise<KeyRecord> {
  const jwk = alg === 'ES256' ? newEcKey() : await newRsaKey();
  const record = { kid: jwk.kid, jwk, created_at };
  return seal === undefined ? record : seal.close(record);
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
