/** AS metadata: UMA Grant 2, UMA Federated Authorization 2, RFC 8414. */
import { UmaError } from './errors.ts';
import { type HttpExchange, isStringArray, jsonObject } from './http.ts';

/** Members that `uma` reads or writes. Unknown members are kept by readers and ignored. */
export interface UmaMetadata {
  issuer: string;
  token_endpoint: string;
  permission_endpoint?: string;
  resource_registration_endpoint?: string;
  introspection_endpoint?: string;
  claims_interaction_endpoint?: string;
  authorization_endpoint?: string;
  device_authorization_endpoint?: string;
  revocation_endpoint?: string;
  registration_endpoint?: string;
  userinfo_endpoint?: string;
  jwks_uri?: string;
  /** Our extension: base address of the resource owner's API (owner.ts). */
  resource_owner_endpoint?: string;
  uma_profiles_supported?: string[];
  grant_types_supported?: string[];
  response_types_supported?: string[];
  scopes_supported?: string[];
  token_endpoint_auth_methods_supported?: string[];
  code_challenge_methods_supported?: string[];
  authorization_response_iss_parameter_supported?: boolean;
  [member: string]: unknown;
}

/** URI of the extension that adds `resource_owner_endpoint` (GRANT-4-01: an extension has a URI). */
export const OWNER_API_PROFILE = 'urn:uma-cli:profile:resource-owner-api';
/** URI of the extension that protects a ticket on its way through the browser as RFC 7636 does a code (ATK-09). */
export const TICKET_PKCE_PROFILE = 'urn:uma-cli:profile:ticket-pkce';

export const WELL_KNOWN = ['uma2-configuration', 'oauth-authorization-server', 'openid-configuration'] as const;
export type WellKnown = (typeof WELL_KNOWN)[number];

/**
 * Where a document about `issuer` can stand: appended (UMA Grant 2, OpenID Connect), then inserted before the path (RFC 8414 3.1).
 * One address where the issuer has no path.
 */
export function wellKnownUrls(issuer: string, document: WellKnown = 'uma2-configuration'): string[] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, '');
  const appended = `${url.origin}${path}/.well-known/${document}`;
  return path === '' ? [appended] : [appended, `${url.origin}/.well-known/${document}${path}`];
}

export const ENDPOINTS = [
  'token_endpoint',
  'permission_endpoint',
  'resource_registration_endpoint',
  'introspection_endpoint',
  'claims_interaction_endpoint',
  'authorization_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
  'registration_endpoint',
  'jwks_uri',
  'resource_owner_endpoint',
] as const;
export type EndpointName = (typeof ENDPOINTS)[number];

/** Metadata that need not be complete: of a document that another one fills up, or given by hand. */
export type PartialMetadata = Partial<UmaMetadata> & { issuer: string };

/**
 * Reads a metadata document found from `issuer` that must stand on its own.
 * @throws UmaError as {@link readPartialMetadata}, and `invalid_metadata` without a `token_endpoint`.
 */
export function readMetadata(exchange: HttpExchange, issuer: string): UmaMetadata {
  const document = readPartialMetadata(exchange, issuer);
  if (document.token_endpoint === undefined) throw invalid(exchange, 'token_endpoint', 'present');
  return document as UmaMetadata;
}

/**
 * Reads a metadata document found from `issuer`, whatever members it has.
 * @throws UmaError `issuer_mismatch` when the document names another issuer (SEC-8414-02: it must not be used then);
 *   `invalid_metadata` when a member has the wrong type. Both category `peer`.
 */
export function readPartialMetadata(exchange: HttpExchange, issuer: string): PartialMetadata {
  const document = jsonObject(exchange);
  if (document.issuer !== issuer) {
    throw new UmaError(
      'peer',
      'issuer_mismatch',
      `${exchange.request.url} describes the issuer ${JSON.stringify(document.issuer)}, not ${JSON.stringify(issuer)}`,
      {
        spec: 'RFC 8414 3.3',
        hint: 'give the issuer exactly as the server writes it, for instance without a trailing slash',
        exchange,
      },
    );
  }
  for (const name of ENDPOINTS) {
    const value = document[name];
    if (value !== undefined && (typeof value !== 'string' || !URL.canParse(value)))
      throw invalid(exchange, name, 'a URL');
  }
  for (const name of ['grant_types_supported', 'uma_profiles_supported', 'scopes_supported']) {
    if (document[name] !== undefined && !isStringArray(document[name]))
      throw invalid(exchange, name, 'an array of strings');
  }
  return document as PartialMetadata;
}

function invalid(exchange: HttpExchange, member: string, expected: string): UmaError {
  return new UmaError('peer', 'invalid_metadata', `${exchange.request.url}: "${member}" must be ${expected}`, {
    spec: 'RFC 8414 2',
    exchange,
  });
}

/** True for the loopback addresses on which plain http is accepted (RFC 8252 7.3). */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
