/** Claim tokens that clients push (UMA Grant 3.3.1, 5.7): what is believed, and why not. */
import { hash } from 'node:crypto';
import {
  compactVerify,
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { ID_TOKEN_FORMAT, ID_TOKEN_FORMAT_HTTPS } from '../../protocol/claims.ts';
import type { Party } from '../../protocol/owner.ts';
import type { TrustedIssuer } from '../config/parts.ts';
import type { BelievedClaim } from '../stores/types.ts';

export const CLAIM_TOKEN_ALGORITHMS = [
  'ES256',
  'RS256',
  'PS256',
  'EdDSA',
  'Ed25519',
  'ES384',
  'ES512',
  'RS384',
  'RS512',
  'PS384',
  'PS512',
] as const;

export type ClaimTokenAnswer = { party: Party; claims: BelievedClaim[] } | { fault: string };

export interface ClaimTokenVerifier {
  /** Never rejects: a claim token that is not believed is a `fault` in words for the client's developer (GRANT-3.3.6-05). */
  verify(claimToken: string, format: string, client_id: string, now: number): Promise<ClaimTokenAnswer>;
}

/** Allowance for clocks that differ, in seconds. */
const LEEWAY = 5;
const CACHE_SIZE = 4096;

/** Members of an ID Token that are about the token, not about the person; they never become claims (ATK-20). */
const TOKEN_MEMBERS = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'azp',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'auth_time',
  'acr',
  'amr',
  'sid',
  'cnf',
]);

interface Verified {
  payload: Record<string, unknown>;
  exp: number;
  /** Whether the key that has signed it is still the issuer's. */
  stands(): Promise<boolean>;
}

export function createClaimTokenVerifier(issuers: readonly TrustedIssuer[]): ClaimTokenVerifier {
  const trusted = new Map(issuers.map((issuer) => [issuer.issuer, { ...issuer, key: keyFinder(issuer) }]));
  // A signature stays what it was as long as its key is the issuer's: for a known token that is looked at again, together with
  // what depends on time and client.
  const verified = new Map<string, Verified>();

  async function signed(token: string, now: number): Promise<Verified | { fault: string }> {
    const digest = hash('sha256', token, 'base64url');
    const known = verified.get(digest);
    if (known !== undefined) {
      if (known.exp + LEEWAY > now && (await known.stands())) return known;
      verified.delete(digest);
    }
    const header = decodeProtectedHeader(token);
    // An access token or a DPoP proof is signed by the same keys and is no ID Token.
    if (header.typ !== undefined && header.typ.toLowerCase() !== 'jwt')
      return { fault: `its "typ" is ${header.typ}, not an ID Token's` };
    const payload = decodeJwt(token) as Record<string, unknown>;
    const issuer = typeof payload.iss === 'string' ? trusted.get(payload.iss) : undefined;
    if (issuer === undefined) return { fault: `its issuer ${JSON.stringify(payload.iss ?? null)} is not trusted here` };
    if (header.alg === undefined || !issuer.algorithms.includes(header.alg))
      return { fault: `its algorithm ${header.alg} is not accepted` };
    const { key } = await compactVerify(token, issuer.key, { algorithms: [...issuer.algorithms] });
    const { exp } = payload;
    if (typeof exp !== 'number') return { fault: 'it has no "exp"' };
    const [protectedPart = '', body = '', signature = ''] = token.split('.');
    const { alg } = header;
    const stands = async () => {
      const jws = { protected: protectedPart, payload: body, signature };
      return (await Promise.resolve(issuer.key({ ...header, alg }, jws)).catch(() => undefined)) === key;
    };
    const result = { payload, exp, stands };
    if (exp + LEEWAY <= now) return result;
    if (verified.size >= CACHE_SIZE) verified.delete(verified.keys().next().value!);
    verified.set(digest, result);
    return result;
  }

  async function verify(claimToken: string, format: string, client_id: string, now: number): Promise<ClaimTokenAnswer> {
    if (format !== ID_TOKEN_FORMAT && format !== ID_TOKEN_FORMAT_HTTPS)
      return { fault: `the format ${format} is not known here` };
    const token = asCompactJwt(claimToken);
    if (token === undefined) return { fault: 'it is not a compact JWT' };
    let result: Verified | { fault: string };
    try {
      result = await signed(token, now);
    } catch {
      return { fault: 'its signature does not verify' };
    }
    if ('fault' in result) return result;
    const { payload, exp } = result;
    const fault =
      timeFault(payload, exp, now) ??
      audienceFault(payload, trusted.get(payload.iss as string)?.audience ?? client_id, client_id);
    if (fault !== undefined) return { fault };
    const { iss, sub } = payload;
    if (typeof sub !== 'string' || sub === '') return { fault: 'it has no "sub"' };
    const party: Party = { iss: iss as string, sub };
    const name = payload.name ?? payload.preferred_username;
    if (typeof name === 'string') party.name = name;
    const claims = Object.entries(payload)
      .filter(([member]) => !TOKEN_MEMBERS.has(member))
      .map(([member, value]) => ({ name: member, value, issuer: party.iss }));
    return { party, claims };
  }

  return { verify };
}

function keyFinder({ keys }: TrustedIssuer): JWTVerifyGetKey {
  if ('jwks' in keys) return createLocalJWKSet(keys.jwks as JSONWebKeySet);
  if ('jwks_uri' in keys) return createRemoteJWKSet(new URL(keys.jwks_uri), { timeoutDuration: 5000 });
  // The verifier is made anew when the server's own keys change.
  let own: JWTVerifyGetKey | undefined;
  return (header, token) => {
    own ??= createLocalJWKSet(keys.current() as JSONWebKeySet);
    return own(header, token);
  };
}

/** A raw compact JWT, or one that was base64url encoded once more (Q4). */
function asCompactJwt(claimToken: string): string | undefined {
  if (isCompact(claimToken)) return claimToken;
  const decoded = Buffer.from(claimToken, 'base64url').toString('latin1');
  return isCompact(decoded) ? decoded : undefined;
}

const isCompact = (text: string) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);

function timeFault(payload: Record<string, unknown>, exp: number, now: number): string | undefined {
  const { nbf, iat } = payload;
  if (exp + LEEWAY <= now) return 'it has expired';
  if (typeof nbf === 'number' && nbf - LEEWAY > now) return 'it is not valid yet';
  if (typeof iat === 'number' && iat - LEEWAY > now) return 'it was issued in the future';
  return undefined;
}

/** OpenID Connect Core 3.1.3.7: the audience is the pushing client (ATK-19), and with several audiences `azp` says so too. */
function audienceFault(payload: Record<string, unknown>, audience: string, client_id: string): string | undefined {
  const { aud, azp } = payload;
  const list = Array.isArray(aud) ? (aud as unknown[]) : [aud];
  if (!list.includes(audience)) return 'it was issued for another client';
  if (list.length > 1 && azp === undefined) return 'it names several audiences and no "azp"';
  if (azp !== undefined && azp !== client_id) return 'it was issued to another client';
  return undefined;
}
