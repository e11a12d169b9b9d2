/**
 * protection/: the protection API of UMA Federated Authorization 3 to 5: resources, permissions, introspection, each
 * behind a protection API token (PAT). Decisions about access are `authorization/`'s. Must not import `owner` or `client`.
 *
 * This file: who is asking. A PAT is specific to one owner and one resource server (FED-1.3-05).
 */
import type { FastifyRequest } from 'fastify';
import type { OWNER_SCOPE } from '../../protocol/owner.ts';
import { PAT_SCOPE } from '../../protocol/token.ts';
import { bearerRefusal } from '../http/refusal.ts';
import { type AccessTokenFacts, readAccessToken } from '../oauth/access-tokens.ts';
import type { ArtifactStore, Domain } from '../stores/types.ts';

export interface GuardDeps {
  issuer: string;
  artifacts: ArtifactStore;
  /** Seconds since the epoch. */
  now: () => number;
}

/** The bearer token of a request's Authorization header, and of nowhere else. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +([\w\-.~+/]+=*) *$/i.exec(authorization ?? '')?.[1];
}

/**
 * The valid access token of a request with this scope.
 * @throws Refusal 401 without or with a bad token, `wrongScope` for a good one without the scope (RFC 6750 3.1).
 */
export async function requireToken(
  { issuer, artifacts, now }: GuardDeps,
  authorization: string | undefined,
  scope: typeof PAT_SCOPE | typeof OWNER_SCOPE,
  wrongScope: 401 | 403 = 403,
): Promise<AccessTokenFacts> {
  if (authorization === undefined)
    throw bearerRefusal(401, issuer, { description: `a bearer token with the scope ${scope} is needed`, scope });
  const token = bearerToken(authorization);
  const facts = token === undefined ? undefined : await readAccessToken(artifacts, token, now());
  // A token that is bound to a key proves nothing when it comes without it (SEC-9449-04).
  if (facts === undefined || facts.jkt !== undefined) {
    throw bearerRefusal(401, issuer, {
      error: 'invalid_token',
      description: 'the token is unknown, expired or revoked',
      scope,
    });
  }
  if (facts.scopes.includes(scope)) return facts;
  throw bearerRefusal(wrongScope, issuer, {
    error: 'insufficient_scope',
    description: `the token has no scope ${scope}`,
    scope,
  });
}

/** What a PAT is specific to. @throws Refusal as {@link requireToken}. */
export async function requirePat(
  deps: GuardDeps,
  request: FastifyRequest,
  wrongScope: 401 | 403 = 403,
): Promise<Domain> {
  const { sub, client_id } = await requireToken(deps, request.headers.authorization, PAT_SCOPE, wrongScope);
  return { owner: sub, rs: client_id };
}
