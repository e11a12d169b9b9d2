/** DPoP proofs at the protection and owner APIs (RFC 9449 7): the key that a bound token needs, proved for this very request. */
import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';
import { isObject } from '../../protocol/http.ts';
import type { OnceStore } from '../stores/types.ts';

/** Signature algorithms of proofs; all of them asymmetric. */
export const DPOP_ALGS = ['ES256', 'Ed25519', 'EdDSA'] as const;

/** Seconds that a proof's `iat` may lie in the past or the future, as at the token endpoint. */
const WINDOW = 60;

export interface ProvenRequest {
  method: string;
  /** Without query and fragment. */
  url: string;
  /** The access token it comes with, and the thumbprint that the token is bound to. */
  token: string;
  jkt: string;
}

/** What is wrong with a proof, or undefined for a good one. A proof is good once. */
export async function faultOfProof(
  proof: string | string[] | undefined,
  { method, url, token, jkt }: ProvenRequest,
  once: OnceStore,
  now: number,
): Promise<string | undefined> {
  if (typeof proof !== 'string') return 'one DPoP header with a proof is needed';
  let payload: Record<string, unknown>;
  let jwk: JWK;
  try {
    const verified = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...DPOP_ALGS],
      typ: 'dpop+jwt',
      currentDate: new Date(now * 1000),
    });
    payload = verified.payload;
    jwk = verified.protectedHeader.jwk as JWK;
  } catch {
    return 'the proof is not a DPoP JWT that verifies by the public key in it';
  }
  const { jti, iat, htm, htu, ath } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return 'the proof has no jti';
  if (typeof iat !== 'number' || Math.abs(now - iat) > WINDOW) return 'the proof is not recent';
  if (htm !== method) return 'the proof is for another method';
  if (typeof htu !== 'string' || addressOf(htu) !== addressOf(url)) return 'the proof is for another address';
  if (ath !== hash('sha256', token, 'base64url')) return 'the proof is for another access token';
  if (!isObject(jwk) || (await calculateJwkThumbprint(jwk)) !== jkt) return 'the token is bound to another key';
  const key = hash('sha256', `dpop ${jkt} ${jti}`, 'base64url');
  return (await once.first(key, now, now + 2 * WINDOW)) ? undefined : 'the proof was used before';
}

/** RFC 9449 4.3: compared after normalisation, without query and fragment. */
function addressOf(text: string): string | undefined {
  const url = URL.parse(text);
  return url === null ? undefined : `${url.origin}${url.pathname}`;
}
