/** DPoP at the resource server (RFC 9449 7): who shows an RPT that is bound to a key proves that he has the key, for this very request. */
import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { DPOP_ALGS, DPOP_WINDOW, faultOfClaims } from '../protocol/dpop.ts';
import { isObject } from '../protocol/http.ts';

/** Proofs remembered at once; beyond it new ones are refused rather than old ones forgotten. */
const REMEMBERED = 100_000;

export interface Shown {
  method: string;
  url: string;
  /** The header, or headers. */
  proof: string | string[] | undefined;
  token: string;
  /** Thumbprint of the key that the token is bound to. */
  jkt: string;
}

export class Proofs {
  readonly #now: () => number;
  /** When each proof that was used can no longer be used, in the order of use. */
  readonly #used = new Map<string, number>();

  /** `now` in seconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What is wrong with the proof, or undefined for a good one, which is good once (SEC-9449-04). */
  async fault({ method, url, proof, token, jkt }: Shown): Promise<string | undefined> {
    // Node joins repeated headers that it does not know.
    if (typeof proof !== 'string' || proof.includes(',')) return 'one DPoP header with a proof is needed';
    const now = this.#now();
    const { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } = await import('jose');
    let payload: Record<string, unknown>;
    let jwk: JWK | undefined;
    try {
      const options = { algorithms: [...DPOP_ALGS], typ: 'dpop+jwt', currentDate: new Date(now * 1000) };
      const verified = await jwtVerify(proof, EmbeddedJWK, options);
      payload = verified.payload;
      jwk = verified.protectedHeader.jwk;
    } catch {
      return 'the proof is not a DPoP JWT that verifies by the public key in it';
    }
    const ath = createHash('sha256').update(token).digest('base64url');
    const fault = faultOfClaims(payload, { method, url, ath }, now);
    if (fault !== undefined) return fault;
    if (!isObject(jwk) || (await calculateJwkThumbprint(jwk)) !== jkt) return 'the token is bound to another key';
    return this.#first(`${jkt} ${String(payload.jti)}`, now) ? undefined : 'the proof was used before';
  }

  #first(name: string, now: number): boolean {
    for (const [old, until] of this.#used) {
      if (until > now) break;
      this.#used.delete(old);
    }
    if (this.#used.has(name) || this.#used.size >= REMEMBERED) return false;
    this.#used.set(name, now + 2 * DPOP_WINDOW);
    return true;
  }
}
