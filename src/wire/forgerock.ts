/**
 * ForgeRock AM 7 and PingAM 8 as their public documents print them. Types and constants only, no behaviour. Each group names its
 * source: "8.1 x.html" is a page of docs.pingidentity.com/pingam/8.1, "OpenAM X" a file of the open fork OpenIdentityPlatform/OpenAM
 * (the ancestor of today's JSON side), "frdp" github.com/ForgeRock/frdp-uma-resource-server. What no document prints is marked unconfirmed.
 */

/** Where AM is deployed: 7.x pages, 8.x pages (8.1 uma/uma-grant-flow.html). */
export const FORGEROCK_CONTEXTS = ['/openam', '/am'] as const;

/** The realm in an address, between `/oauth2`, `/uma` or `/json` and the rest: none, `/realms/root`, `/realms/root/realms/alpha`. */
export const FORGEROCK_REALM = '(?:/realms/root(?:/realms/[^/?]+)*)?';

/** Beneath `{context}/oauth2{realm}` (8.1 uma/uma-grant-flow.html, uma/endpoint-configuration.html). */
export const FORGEROCK_OAUTH2_PATHS = {
  token: '/access_token',
  introspection: '/introspect',
  authorization: '/authorize',
  revocation: '/token/revoke',
  jwks: '/connect/jwk_uri',
  registration: '/register',
  /** Unconfirmed: of AM's OAuth 2.0 guide, not on a UMA page. */
  device_authorization: '/device/code',
  /** Unconfirmed, as the one before. */
  userinfo: '/userinfo',
} as const;

/** Beneath `{context}/uma{realm}` (8.1 uma/endpoint-permission_request.html, -resource_set, -claims_gathering, -configuration). */
export const FORGEROCK_UMA_PATHS = {
  permission: '/permission_request',
  resource_registration: '/resource_set',
  claims_interaction: '/claims_gathering',
  metadata: '/.well-known/uma2-configuration',
} as const;

/** Beneath `{context}/json{realm}`; `{user}` is the owner's login name. */
export const FORGEROCK_JSON_PATHS = {
  /** 8.1 uma/uma-policies.html. */
  authenticate: '/authenticate',
  /** `*` is part of the address (OpenAM UI, serverinfo). */
  serverinfo: '/serverinfo/*',
  /** OpenAM UI. */
  umaInfo: '/serverinfo/uma',
  /** With `_action=idFromSession` (OpenAM UI). */
  users: '/users',
  /** With `_action=validate` or `logout` (8.1, sessions over REST). */
  sessions: '/sessions',
  /** 8.1 uma/endpoint-pending-request.html. */
  pending: '/users/{user}/uma/pendingrequests',
  /** 8.1 uma/endpoint-policies.html. */
  policies: '/users/{user}/uma/policies',
  /** 8.1 uma/uma-policies.html prints this once, for deleting. */
  policiesAlias: '/users/{user}/json/policies',
  /** OpenAM AuditHistory.java; not on the 8.1 list of endpoints. */
  history: '/users/{user}/uma/auditHistory',
  /** 8.1 uma/endpoint-labels.html. */
  labels: '/users/{user}/oauth2/resources/labels',
  /** OpenAM ResourceSetResource.java, frdp; not on the 8.1 list of endpoints. */
  sets: '/users/{user}/oauth2/resources/sets',
} as const;

/** The page of `user_access_policy_uri`: `{context}/XUI/?realm=/#uma/share/{id}` (frdp, AM 6.5 and 7). */
export const FORGEROCK_SHARE_PAGE = '/XUI/?realm=/#uma/share/';

/** Name of the session cookie, and of the header that the documents send instead (8.1 uma/uma-policies.html). */
export const FORGEROCK_COOKIE = 'iPlanetDirectoryPro';
/** Sign-in by headers, with an empty body (8.1 uma/uma-policies.html). */
export const FORGEROCK_SIGN_IN_HEADERS = { username: 'x-openam-username', password: 'x-openam-password' } as const;
/** Values of `Accept-API-Version` that the documents send. */
export const FORGEROCK_API = {
  authenticate: 'resource=2.0, protocol=1.0',
  owner: 'resource=1.0',
  /** 8.1 sessions over REST; frdp for resource sets. */
  sets: 'protocol=1.0,resource=1.0',
} as const;

/** Answer of a sign-in (8.1 uma/uma-policies.html). A sign-in that wants more answers `authId` and `callbacks` instead. */
export interface ForgerockSignedIn {
  tokenId: string;
  successUrl: string;
  realm: string;
}
export interface ForgerockCallbacks {
  authId: string;
  callbacks: { type: string; output: { name: string; value: unknown }[]; input: { name: string; value: unknown }[] }[];
}
/** `serverinfo/*`; more members are there. */
export interface ForgerockServerInfo {
  cookieName: string;
}
/** `serverinfo/uma` (OpenAM UI). */
export interface ForgerockUmaInfo {
  enabled: boolean;
  resharingMode: 'IMPLICIT' | 'OFF';
}
/** `users?_action=idFromSession` (OpenAM UI). */
export interface ForgerockSessionUser {
  id: string;
  realm: string;
  dn: string;
  successURL: string;
  fullLoginURL: string | null;
}

/** Every error of the JSON side (8.1 uma/endpoint-policies.html). */
export interface ForgerockError {
  code: number;
  reason: string;
  message: string;
}
/** Every list of the JSON side (8.1 uma/uma-policies.html). */
export interface ForgerockQueryResult<T> {
  result: T[];
  resultCount: number;
  pagedResultsCookie: string | null;
  remainingPagedResults: number;
}

/** 8.1 uma/endpoint-pending-request.html. */
export interface ForgerockPendingRequest {
  _id: string;
  /** Only where one is read (OpenAM PendingRequestResource.java). */
  _rev?: string;
  /** Login name of the requesting party. */
  user: string;
  /** The resource's name; its id is not told. */
  resource: string;
  /** The page prints seconds; AM 6.5 and 7 sent milliseconds (frdp). */
  when: number;
  permissions: string[];
}

/** 8.1 uma/endpoint-policies.html: `subject` is a login name, or what the provider's username attribute says. */
export interface ForgerockPolicyPermission {
  subject: string;
  scopes: string[];
}
/** One policy a resource; `policyId` is the resource's id. */
export interface ForgerockPolicyBody {
  policyId: string;
  permissions: ForgerockPolicyPermission[];
}
export interface ForgerockPolicy extends ForgerockPolicyBody {
  _id: string;
  _rev: string;
  name?: string;
}

/** 8.1 uma/endpoint-labels.html. */
export const FORGEROCK_LABEL_TYPES = ['USER', 'SYSTEM', 'STAR'] as const;
export interface ForgerockLabel {
  _id: string;
  _rev: string;
  name: string;
  type: (typeof FORGEROCK_LABEL_TYPES)[number];
}

/** OpenAM ResourceSetResource.java, frdp. */
export interface ForgerockResourceSet {
  _id: string;
  _rev: string;
  name: string;
  type: string | null;
  icon_uri: string | null;
  /** What the resource offers, not what the viewer holds. */
  scopes: string[];
  /** Client id. */
  resourceServer: string;
  resourceOwnerId: string;
  /** Ids. */
  labels: string[];
  policy?: ForgerockPolicy | null;
}

/** OpenAM UmaAuditType.java and the labels of its console. */
export const FORGEROCK_AUDIT_TYPES = {
  request_submitted: 'Authorisation_Requested',
  request_approved: 'Authorisation_Request_Approved',
  request_denied: 'Authorisation_Request_Denied',
  rpt_issued: 'Authorisation_Granted',
  policy_created: 'Policy_Created',
  policy_updated: 'Policy_Updated',
} as const;
/** OpenAM UmaAuditEntry.java. */
export interface ForgerockAuditEntry {
  _id: string;
  resourceSetId: string;
  resourceSetName: string;
  requestingPartyId: string;
  type: string;
  /** Milliseconds since the epoch. */
  eventTime: number;
}

/** Members of an RPT's introspection, in the order printed (8.1 uma/uma-grant-flow.html, obtain RPT, step 5). */
export const FORGEROCK_INTROSPECTION_MEMBERS = ['active', 'permissions', 'token_type', 'exp', 'iss'] as const;
export const FORGEROCK_INTROSPECTION_TOKEN_TYPE = 'access_token';
/** Members of an RPT's token answer, as printed there; `pct` in interactive flows. */
export const FORGEROCK_RPT_MEMBERS = ['access_token', 'token_type', 'expires_in', 'pct'] as const;
/** Members of a refusal that was put to the owner, as printed there. */
export const FORGEROCK_SUBMITTED_MEMBERS = ['ticket', 'error_description', 'error'] as const;

/** Payload of a ticket, an HS256 JWT (ForgeRock/frdp-containers-uma README). `exp` there is like the documents': seconds. */
export interface ForgerockTicketClaims {
  aud: string;
  iss: string;
  it: 1;
  exp: number;
  tid: string;
  forgerock: { sig: string };
}
