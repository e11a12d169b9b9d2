/** DPoP proofs at the protection and owner APIs (RFC 9449 7): the key that a bound token needs, proved for this very request. */
import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';
import { DPOP_ALGS, DPOP_WINDOW, faultOfClaims } from '../../protocol/dpop.ts';
import { isObject } from '../../protocol/http.ts';
import type { OnceStore } from '../stores/types.ts';

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
  const fault = faultOfClaims(payload, { method, url, ath: hash('sha256', token, 'base64url') }, now);
  if (fault !== undefined) return fault;
  if (!isObject(jwk) || (await calculateJwkThumbprint(jwk)) !== jkt) return 'the token is bound to another key';
  const key = hash('sha256', `dpop ${jkt} ${payload.jti}`, 'base64url');
  return (await once.first(key, now, now + 2 * DPOP_WINDOW)) ? undefined : 'the proof was used before';
}
