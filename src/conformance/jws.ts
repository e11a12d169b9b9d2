/** Compact JWS made by hand with ES256, so that a check can also make a wrong one: any header, any claim, any signature. */
import { createHash, createPrivateKey, generateKeyPairSync, type JsonWebKey, randomBytes, sign } from 'node:crypto';

export interface SigningKey {
  privateJwk: JsonWebKey;
  publicJwk: JsonWebKey;
  kid?: string;
}

export function newKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return keyOf(privateKey.export({ format: 'jwk' }));
}

export function keyOf(privateJwk: JsonWebKey & { kid?: string }): SigningKey {
  const { kty, crv, x, y, kid } = privateJwk;
  const publicJwk = { kty, crv, x, y } as JsonWebKey;
  return kid === undefined ? { privateJwk, publicJwk } : { privateJwk, publicJwk, kid };
}

const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** `header` wins over the default `{alg: 'ES256'}`; the signature is always ES256 by `key`, whatever the header says. */
export function signJws(key: SigningKey, payload: object, header: object = {}): string {
  const input = `${encode({ alg: 'ES256', ...(key.kid === undefined ? {} : { kid: key.kid }), ...header })}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(input), {
    key: createPrivateKey({ key: key.privateJwk, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  });
  return `${input}.${signature.toString('base64url')}`;
}

/** The same token with one byte in the middle of its signature changed. */
export function tamper(jws: string): string {
  const [header, payload, signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

/** The claims of a compact JWS, unverified; undefined when it is none. */
export function claimsOf(jws: string): Record<string, unknown> | undefined {
  const parts = jws.split('.');
  if (parts.length !== 3) return undefined;
  try {
    return JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

export const unguessable = (bytes = 24): string => randomBytes(bytes).toString('base64url');
export const sha256url = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** RFC 7638 thumbprint of an EC key. */
export function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return sha256url(JSON.stringify({ crv, kty, x, y }));
}

/** A DPoP proof (RFC 9449 4.2) for one request; `claims` and `header` win, undefined members are left out. */
export function dpopProof(
  key: SigningKey,
  request: { method: string; url: string; token?: string },
  claims: object = {},
  header: object = {},
): string {
  const payload = {
    jti: unguessable(),
    htm: request.method,
    htu: request.url.split(/[?#]/)[0],
    iat: Math.floor(Date.now() / 1000),
    ...(request.token === undefined ? {} : { ath: sha256url(request.token) }),
    ...claims,
  };
  return signJws({ privateJwk: key.privateJwk, publicJwk: key.publicJwk }, payload, {
    typ: 'dpop+jwt',
    jwk: key.publicJwk,
    ...header,
  });
}
