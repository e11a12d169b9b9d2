/** What a DPoP proof says (RFC 9449 4.2, 4.3), apart from its signature: the authorization server and the gateway both check it. */

/** Signature algorithms of proofs; all of them asymmetric. */
export const DPOP_ALGS = ['ES256', 'Ed25519', 'EdDSA'] as const;

/** Seconds that a proof's `iat` may lie in the past or the future. */
export const DPOP_WINDOW = 60;

/** The request that a proof has to be about. */
export interface ProvenRequest {
  method: string;
  /** Query and fragment do not count. */
  url: string;
  /** SHA-256 of the access token, in base64url. */
  ath: string;
}

/** What is wrong with the claims of a proof, or undefined. `now` in seconds since the epoch. */
export function faultOfClaims(
  { jti, iat, htm, htu, ath }: Readonly<Record<string, unknown>>,
  request: ProvenRequest,
  now: number,
): string | undefined {
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return 'the proof has no jti';
  if (typeof iat !== 'number' || Math.abs(now - iat) > DPOP_WINDOW) return 'the proof is not recent';
  if (htm !== request.method) return 'the proof is for another method';
  if (typeof htu !== 'string' || placeOf(htu) === undefined || placeOf(htu) !== placeOf(request.url))
    return 'the proof is for another address';
  return ath === request.ath ? undefined : 'the proof is for another access token';
}

/** RFC 9449 4.3: compared after normalisation (RFC 3986 6.2.2 and 6.2.3), without query and fragment. */
function placeOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin, pathname } = new URL(text);
  const path = pathname.replace(/%[0-9A-Fa-f]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[\w\-.~]/.test(character) ? character : octet.toUpperCase();
  });
  return origin + path;
}
