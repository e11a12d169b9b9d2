/** Claim tokens, their formats, and the claims a server asks for: UMA Grant 3.3.1, 3.3.6. */
import { isObject, isStringArray } from './http.ts';

/** An OpenID Connect ID Token as a compact JWT (UMA Grant 3.3.1, Q4). */
export const ID_TOKEN_FORMAT = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';
/** The same with https, as newer vendor documents print it. Read, never written. */
export const ID_TOKEN_FORMAT_HTTPS = 'https://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export interface ClaimToken {
  claim_token: string;
  claim_token_format: string;
}

/** One entry of `required_claims` (UMA Grant 3.3.6). Any one format and any one issuer of those named is enough. */
export interface RequiredClaim {
  name?: string;
  friendly_name?: string;
  claim_type?: string;
  claim_token_format?: string[];
  issuer?: string[];
}

/** Reads `required_claims` tolerantly: members of a wrong type are left out, a lone string counts as an array of one. */
export function readRequiredClaims(value: unknown): RequiredClaim[] {
  const list = (item: unknown) => (typeof item === 'string' ? [item] : isStringArray(item) ? item : undefined);
  return (Array.isArray(value) ? value : []).filter(isObject).map((entry) => {
    const claim: RequiredClaim = {};
    for (const member of ['name', 'friendly_name', 'claim_type'] as const) {
      if (typeof entry[member] === 'string') claim[member] = entry[member];
    }
    for (const member of ['claim_token_format', 'issuer'] as const) {
      const values = list(entry[member]);
      if (values !== undefined) claim[member] = values;
    }
    return claim;
  });
}

/** The name under which these required claims take an ID Token; undefined where none of them names such a format. */
export function idTokenFormatOf(claims: readonly RequiredClaim[]): string | undefined {
  const named = claims.flatMap(({ claim_token_format = [] }) => claim_token_format);
  return [ID_TOKEN_FORMAT, ID_TOKEN_FORMAT_HTTPS].find((format) => named.includes(format));
}

/** A claim token as it travels: what is no base64url (with the dots of a JWT) yet is encoded (GRANT-3.3.1-04). */
export function encodedClaimToken(token: string): string {
  if (/^[\w-]+(?:\.[\w-]*)*=*$/.test(token)) return token;
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** `email (ID Token from https://as.example)`: a required claim in words. */
export function describeRequiredClaim(claim: RequiredClaim): string {
  const name = claim.friendly_name ?? claim.name ?? 'a claim';
  const formats = claim.claim_token_format
    ?.map((format) => (format === ID_TOKEN_FORMAT ? 'ID Token' : format))
    .join(' or ');
  const from = claim.issuer === undefined ? '' : ` from ${claim.issuer.join(' or ')}`;
  return formats === undefined && from === '' ? name : `${name} (${formats ?? 'any format'}${from})`;
}
