/**
 * protection/: the protection API of UMA Federated Authorization 3 to 5: resources, permissions, introspection, each
 * behind a protection API token (PAT). Decisions about access are `authorization/`'s. Must not
 * import `owner` or `client`.
 *
 * This file: who is asking. A PAT is specific to one owner and one resource server (FED-1.3-05).
 */
import { quote } from '../../protocol/challenge.ts';
import { DPOP_ALGS } from '../../protocol/dpop.ts';
import type { OWNER_SCOPE } from '../../protocol/owner.ts';
import { PAT_SCOPE } from '../../protocol/token.ts';
import { bearerRefusal, Refusal } from '../http/refusal.ts';
import type { Asked } from '../http/short-way.ts';
import { type AccessTokenFacts, readAccessToken } from '../oauth/access-tokens.ts';
import { faultOfProof } from '../oauth/dpop-proof.ts';
import type { ArtifactStore, Domain, OnceStore } from '../stores/types.ts';

export interface GuardDeps {
  issuer: string;
  artifacts: ArtifactStore;
  /** Remembers proofs that were used. */
  once: OnceStore;
  /** Seconds since the epoch. */
  now: () => number;
}

/** The access token of a request's Authorization header, and of nowhere else. */
export function tokenIn(authorization: string | undefined): { scheme: 'bearer' | 'dpop'; token: string } | undefined {
  const [, scheme, token] = /^(bearer|dpop) +([\w\-.~+/]+=*) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token };
}

/**
 * The valid access token of a request with this scope. A token that is bound to a key is good only with a proof of it, as
 * `Authorization: DPoP` (SEC-9449-04); one that is not, only as Bearer.
 * @throws Refusal 401 without or with a bad token, `wrongScope` for a good one without the scope (RFC 6750 3.1).
 */
export async function requireToken(
  deps: GuardDeps,
  request: Asked,
  scope: typeof PAT_SCOPE | typeof OWNER_SCOPE,
  wrongScope: 401 | 403 = 403,
): Promise<AccessTokenFacts> {
  const { issuer, artifacts, now } = deps;
  const { authorization } = request.headers;
  if (authorization === undefined)
    throw bearerRefusal(401, issuer, { description: `a bearer token with the scope ${scope} is needed`, scope });
  const given = tokenIn(authorization);
  const facts = given === undefined ? undefined : await readAccessToken(artifacts, given.token, now());
  if (given === undefined || facts === undefined || (given.scheme === 'dpop') !== (facts.jkt !== undefined)) {
    throw bearerRefusal(401, issuer, {
      error: 'invalid_token',
      description: 'the token is unknown, expired or revoked',
      scope,
    });
  }
  if (facts.jkt !== undefined) await requireProof(deps, request, given.token, facts.jkt);
  if (facts.scopes.includes(scope)) return facts;
  throw bearerRefusal(wrongScope, issuer, {
    error: 'insufficient_scope',
    description: `the token has no scope ${scope}`,
    scope,
  });
}

async function requireProof(
  { issuer, once, now }: GuardDeps,
  request: Asked,
  token: string,
  jkt: string,
): Promise<void> {
  const proof = { method: request.method, url: new URL(issuer).origin + request.originalUrl, token, jkt };
  const fault = await faultOfProof(request.headers.dpop, proof, once, now());
  if (fault === undefined) return;
  throw new Refusal(401, 'invalid_dpop_proof', fault, {
    'www-authenticate': `DPoP error="invalid_dpop_proof", error_description=${quote(fault)}, algs="${DPOP_ALGS.join(' ')}"`,
  });
}

/** What a PAT is specific to. @throws Refusal as {@link requireToken}. */
export async function requirePat(deps: GuardDeps, request: Asked, wrongScope: 401 | 403 = 403): Promise<Domain> {
  const { sub, client_id } = await requireToken(deps, request, PAT_SCOPE, wrongScope);
  return { owner: sub, rs: client_id };
}
