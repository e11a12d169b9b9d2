/**
 * wire/: how a vendor writes things: path templates, parameter and member names, shapes of answers. Types and constants only, no
 * behaviour; both client/dialects and server/layouts read them, and recorded exchanges of the real servers (test/wire) prove them.
 * Imports nothing but protocol.
 *
 * This file: Keycloak 26, recorded from 26.7.3. Its Authorization Services guide describes the API; UMA sections are named where it departs.
 */

/** Beneath the issuer, `{origin}/realms/{realm}`. */
export const KEYCLOAK_PATHS = {
  uma: '/.well-known/uma2-configuration',
  openid: '/.well-known/openid-configuration',
  authorization: '/protocol/openid-connect/auth',
  token: '/protocol/openid-connect/token',
  introspection: '/protocol/openid-connect/token/introspect',
  revocation: '/protocol/openid-connect/revoke',
  keys: '/protocol/openid-connect/certs',
  endSession: '/protocol/openid-connect/logout',
  /** Base of the three that follow; what `resource_owner_endpoint` means at this vendor. */
  protection: '/authz/protection',
  resources: '/authz/protection/resource_set',
  permission: '/authz/protection/permission',
} as const;

/** Beneath {@link KEYCLOAK_PATHS}.protection: the owner's side. */
export const KEYCLOAK_OWNER_PATHS = {
  /** GET list, POST share, PUT decide, DELETE /{id}; GET /count is a bare number. */
  tickets: '/permission/ticket',
  /** POST /{resource_id}; GET, PUT, DELETE /{policy_id}; GET list. */
  policies: '/uma-policy',
} as const;

/** Client role of the resource server that a PAT's person needs; there is no scope of that name to ask for (FED 1.3). */
export const KEYCLOAK_PAT_ROLE = 'uma_protection';

/** Lists are cut at 100 unless `max` says this. */
export const KEYCLOAK_NO_LIMIT = '-1';

/** `token_type_hint` without which an introspection answer has no `permissions` (FED 5.1.1). */
export const KEYCLOAK_RPT_HINT = 'requesting_party_token';

/** The extra member of its uma2-configuration. */
export interface KeycloakMetadata {
  policy_endpoint?: string;
}

/** In answers a scope is an object; `id` is missing where one resource is read. */
export interface KeycloakScope {
  name: string;
  id?: string;
}

/** What it takes; any other member is refused by name with 400 (FED 3.1 allows `description`). `name` is required. */
export interface KeycloakResourceDescription {
  name: string;
  resource_scopes: string[];
  type?: string;
  icon_uri?: string;
  uris?: string[];
  displayName?: string;
  /** Without it the owner is never asked; PUT without it resets it to false. */
  ownerManagedAccess?: boolean;
  attributes?: Record<string, string[]>;
}

/** What it answers; `resource_scopes` is missing in a list with `deep=true`. */
export interface KeycloakResource {
  _id: string;
  name: string;
  owner: { id: string; name?: string };
  ownerManagedAccess: boolean;
  uris: string[];
  scopes: KeycloakScope[];
  resource_scopes?: KeycloakScope[];
  type?: string;
  icon_uri?: string;
  displayName?: string;
  attributes?: Record<string, string[]>;
}

/** Payload of a permission ticket: a JWT, good many times, until the PAT that made it ends (FED 4.2, UMA Grant 5.5). */
export interface KeycloakTicketPayload {
  exp: number;
  iat: number;
  jti: string;
  aud: string;
  sub: string;
  azp: string;
  permissions: { rsid?: string; scopes?: string[] }[];
}

/** Parameters of the uma-ticket grant beside those of UMA Grant 3.3.1. */
export interface KeycloakGrantParameters {
  /** `true` unless it is sent as `false`: a refused request is filed with the owner. */
  submit_request?: 'true' | 'false';
  /** Without a ticket: the resource server's client id. */
  audience?: string;
  /** `ID#scope,scope`; the id may be a name, or a URI with `permission_resource_format`. */
  permission?: string[];
  permission_resource_format?: 'id' | 'uri';
  response_mode?: 'decision' | 'permissions';
}

/** An entry of `authorization.permissions` in an RPT, and of the array that `response_mode=permissions` answers. */
export interface KeycloakPermission {
  rsid: string;
  rsname?: string;
  scopes?: string[];
}

/** `error_description` of 403 `access_denied`: the only thing that tells the two refusals apart (UMA Grant 3.3.6). */
export const KEYCLOAK_REFUSALS = { submitted: 'request_submitted', refused: 'not_authorized' } as const;

/** What somebody may do, or asked for: one entry a scope and requester. Names only with `returnNames=true`; no times. */
export interface KeycloakPermissionTicket {
  id: string;
  owner: string;
  resource: string;
  requester: string;
  granted: boolean;
  scope?: string;
  scopeName?: string;
  resourceName?: string;
  ownerName?: string;
  requesterName?: string;
}

/** A policy of the owner's; it does not say which resource it is about. People are login names. */
export interface KeycloakPolicy {
  id: string;
  name: string;
  type: 'uma';
  description?: string;
  scopes?: string[];
  users?: string[];
  groups?: string[];
  roles?: string[];
  clients?: string[];
  logic?: string;
  decisionStrategy?: string;
  owner?: string;
}
