/** What the authorization side needs from outside, as ports. */
import type { JSONWebKeySet } from 'jose';
import type { Party } from '../../protocol/owner.ts';
import type { Person } from '../config/parts.ts';
import type { BelievedClaim, GatheredClaims, ResourceRecord, Stores } from '../stores/types.ts';
import type { ClaimTokenVerifier } from './claim-token.ts';
import type { AuthorizationSettings } from './settings.ts';

export interface Directory {
  bySub(sub: string): Person | undefined;
  byUsername(username: string): Person | undefined;
  /** Origins registered for a resource server's client; undefined = not known, so not checked (ATK-03). */
  originsOf(rs: string): readonly string[] | undefined;
  /** Name of a client for people to read. */
  clientName(client_id: string): string | undefined;
}

/** The AS's own signing keys. */
export interface Signer {
  /** A compact JWS with this `typ`, signed by the newest key. */
  sign(claims: Record<string, unknown>, typ: string): Promise<string>;
  publicJwks(): JSONWebKeySet;
}

export interface AuthorityDeps {
  issuer: string;
  stores: Stores;
  settings: AuthorizationSettings;
  signer: Signer;
  directory: Directory;
  /** False: the owner of this resource is never asked. Absent: of every one. */
  mayAsk?: ((resource: ResourceRecord) => boolean) | undefined;
  claimTokens: ClaimTokenVerifier;
  /** Named in `required_claims`: the issuers whose ID Tokens are believed. */
  trustedIssuers: readonly string[];
  /** Where `need_info` sends the requesting party; absent while there is no such page. */
  claimsInteractionEndpoint?: string | undefined;
}

/** Status and JSON body of an answer. */
export interface WireAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** The authenticated client and the moment of a request to the token endpoint. */
export interface RedeemContext {
  client: {
    id: string;
    name?: string | undefined;
    /** RegisteredScopes; undefined = every scope. */
    registered_scopes?: readonly string[] | undefined;
    /** Registered itself dynamically (GRANT-5.7-02). */
    self_registered: boolean;
    /** Whether it may get refresh tokens for its RPTs. */
    may_refresh?: boolean | undefined;
  };
  /** Seconds since the epoch. */
  now: number;
  /** Thumbprint of the DPoP key that the request proved. */
  jkt?: string | undefined;
  /** Who is asking, where the HTTP side has seen a proof of it that is no claim token. */
  identified?: GatheredClaims | undefined;
  /** What the request itself chooses, on a wire that lets it. */
  choices?: RequestChoices | undefined;
}

/** Each absent = as the settings say. */
export interface RequestChoices {
  /** False: the owner is not asked. */
  ask_owner?: boolean | undefined;
  partial?: AuthorizationSettings['partial'] | undefined;
  /** True: decides and issues nothing; the answer's body has `permissions` only. */
  dry?: boolean | undefined;
}

/** Parameters of the token request, each at most once (the HTTP side refuses repeats). */
export interface RedeemParams {
  ticket?: string | undefined;
  claim_token?: string | undefined;
  claim_token_format?: string | undefined;
  pct?: string | undefined;
  rpt?: string | undefined;
  scope?: string | undefined;
  /** RFC 8707: the origin of the resource server that gave the ticket (ATK-03). */
  resource?: string | undefined;
  /** Verifier for a ticket that came back from the claims interaction endpoint under a challenge (ATK-09). */
  code_verifier?: string | undefined;
}

export const wireError = (status: number, error: string, error_description: string): WireAnswer => ({
  status,
  body: { error, error_description },
});

/** What this AS knows itself of a person with an account here. */
export function accountClaims(
  { issuer, directory }: Pick<AuthorityDeps, 'issuer' | 'directory'>,
  party: Party | undefined,
): BelievedClaim[] {
  const person = party?.iss === issuer ? directory.bySub(party.sub) : undefined;
  if (person === undefined) return [];
  const { sub, email, email_verified, groups, roles } = person;
  return Object.entries({ sub, email, email_verified, groups, roles })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, value, issuer }));
}
