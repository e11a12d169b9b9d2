/**
 * The resource owner's API: our extension (URI in metadata.ts), because UMA leaves the owner's side out of scope (UMA Grant 1.4).
 * Base address: metadata member `resource_owner_endpoint`; authorized by an access token of scope `uma_owner`.
 *
 *   GET    /requests[?status=pending&limit=&after=]     RequestList
 *   GET    /requests/{id}                               AccessRequest
 *   POST   /requests/{id}/approve   {scopes?, expires_at?, message?}   AccessRequest
 *   POST   /requests/{id}/deny      {message?}          AccessRequest
 *   GET    /policies[?resource_id=&limit=&after=]       PolicyList
 *   POST   /policies                PolicyDescription -> 201 Policy
 *   GET    /policies/{id}           Policy;  PUT replaces -> Policy;  DELETE -> 204
 *   POST   /revocations             Revocation -> RevocationAnswer
 *   GET    /resources[?limit=&after=]                   OwnedResourceList
 *   GET    /shared[?limit=&after=]                      SharedResourceList: what others share with the person of the token
 *   DELETE /shared/{resource_id}    gives it up -> 204
 *   GET    /history[?limit=&after=&type=&resource_id=&username=]  HistoryList
 *   GET    /people?username=bob     FoundPerson (404 when unknown; exact name only)
 */

/** Scope of the owner's own token (DESIGN decision 13). */
export const OWNER_SCOPE = 'uma_owner';

/** Somebody, named so that the name cannot be taken over: issuer and subject. */
export interface Party {
  iss: string;
  sub: string;
  /** For people to read; never matched. */
  name?: string;
}

/** Somebody found by user name. */
export interface FoundPerson extends Party {
  /** User names of others here that look like this one. */
  look_alikes?: string[];
}

export type RequestStatus = 'pending' | 'approved' | 'denied';

/** A request that waits, or waited, for the owner. Times are seconds since the epoch. */
export interface AccessRequest {
  id: string;
  status: RequestStatus;
  resource_id: string;
  resource_name?: string;
  /** Scopes asked for. */
  scopes: string[];
  /** Scopes allowed, once approved. */
  granted_scopes?: string[];
  party: Party;
  client_id: string;
  client_name?: string;
  created_at: number;
  decided_at?: number;
  message?: string;
}

/** Who a policy is about; exactly one member. `anyone` still has to be identified when `claims` ask for it. */
export type PolicySubject = { party: Party } | { email: string } | { group: string } | { anyone: true };

/** A claim that the requesting party has to bring; no `values` means that any value will do. */
export interface PolicyClaim {
  name: string;
  values?: (string | number | boolean)[];
  friendly_name?: string;
  claim_type?: string;
  /** Issuers to believe; absent = every issuer that the server trusts. */
  issuer?: string[];
}

/** What the owner writes. One policy is about one resource. */
export interface PolicyDescription {
  resource_id: string;
  /** `deny` wins over every `allow`. */
  effect: 'allow' | 'deny';
  /** Absent = every scope of the resource, and the resource itself. */
  scopes?: string[];
  subject: PolicySubject;
  claims?: PolicyClaim[];
  /** Client ids; absent = any client. */
  clients?: string[];
  /** Seconds since the epoch. */
  expires_at?: number;
  name?: string;
  /** For people to read. */
  description?: string;
}

export interface Policy extends PolicyDescription {
  id: string;
  created_at: number;
  updated_at: number;
}

/** What to withdraw: everything on a resource, one party's part of it, or one token. */
export interface Revocation {
  resource_id?: string;
  party?: Party;
  token?: string;
}

export interface RevocationAnswer {
  policies: number;
  rpts: number;
  requests: number;
}

export interface OwnedResource {
  _id: string;
  name?: string;
  type?: string;
  icon_uri?: string;
  description?: string;
  resource_scopes: string[];
  /** The resource server's client. */
  client_id: string;
  created_at: number;
}

/** A resource of somebody else's that the person of the token may use. */
export interface SharedResource {
  resource_id: string;
  name?: string;
  /** Subject of the owner. */
  owner: string;
  owner_name?: string;
  /** The resource server's client. */
  client_id: string;
  scopes: string[];
  /** What names the person; only a share with her alone (`party`) can be given up. */
  via: 'party' | 'email' | 'group';
  since: number;
  expires_at?: number;
  /** Only through these. */
  clients?: string[];
  /** Claims that have to be brought, in words. */
  needs_claims?: string[];
}

export const HISTORY_TYPES = [
  'resource_registered',
  'resource_updated',
  'resource_deleted',
  'request_submitted',
  'request_approved',
  'request_denied',
  'policy_created',
  'policy_updated',
  'policy_deleted',
  'rpt_issued',
  'rpt_used',
  'access_revoked',
  'share_given_up',
] as const;
export type HistoryType = (typeof HISTORY_TYPES)[number];

export interface HistoryEntry {
  id: string;
  type: HistoryType;
  /** Seconds since the epoch. */
  at: number;
  resource_id?: string;
  resource_name?: string;
  party?: Party;
  client_id?: string;
  scopes?: string[];
}

/** A page of a list; `next` is the `after` of the page that follows, absent on the last. */
export interface Page {
  next?: string;
}
export type RequestList = Page & { requests: AccessRequest[] };
export type PolicyList = Page & { policies: Policy[] };
export type OwnedResourceList = Page & { resources: OwnedResource[] };
export type SharedResourceList = Page & { shared: SharedResource[] };
export type HistoryList = Page & { history: HistoryEntry[] };
