/** The AS's metadata: UMA Grant 2, UMA Federated Authorization 2, RFC 8414, OpenID Connect Discovery. One document, three names. */

import type { FastifyInstance } from 'fastify';
import { ID_TOKEN_FORMAT } from '../../protocol/claims.ts';
import { DPOP_ALGS } from '../../protocol/dpop.ts';
import { OWNER_API_PROFILE, TICKET_PKCE_PROFILE, type UmaMetadata, WELL_KNOWN } from '../../protocol/metadata.ts';
import type { SigningAlgorithm } from '../oauth/keys.ts';
import { PATHS } from '../oauth/paths.ts';
import { CLIENT_ASSERTION_ALGS, CLIENT_AUTH_METHODS, grantTypesOf } from '../oauth/provider.ts';
import { CLAIM_SCOPES, SCOPES } from '../oauth/scopes.ts';

export interface MetadataOptions {
  passwordGrant: boolean;
  /** What ID Tokens are signed with. */
  signingAlg: SigningAlgorithm;
  /** Absent = no registration endpoint. */
  registration?: object | undefined;
}

/** Members without a value are left out: no array is empty (SEC-8414-03). */
export function metadata(issuer: string, options: MetadataOptions): UmaMetadata {
  const at = (path: string) => issuer + path;
  return {
    issuer,
    authorization_endpoint: at(PATHS.authorization),
    token_endpoint: at(PATHS.token),
    jwks_uri: at(PATHS.jwks),
    userinfo_endpoint: at(PATHS.userinfo),
    device_authorization_endpoint: at(PATHS.device_authorization),
    revocation_endpoint: at(PATHS.revocation),
    introspection_endpoint: at(PATHS.introspection),
    pushed_authorization_request_endpoint: at(PATHS.pushed_authorization_request),
    ...(options.registration !== undefined ? { registration_endpoint: at(PATHS.registration) } : {}),
    permission_endpoint: at(PATHS.permission),
    resource_registration_endpoint: at(PATHS.resource_registration),
    resource_owner_endpoint: at(PATHS.owner),
    claims_interaction_endpoint: at(PATHS.claims_interaction),
    // The profiles that are named by a URI, among them the claim token format (GRANT-3.3.1-13, FED-2-04).
    uma_profiles_supported: [OWNER_API_PROFILE, TICKET_PKCE_PROFILE, ID_TOKEN_FORMAT],
    grant_types_supported: grantTypesOf(options),
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    scopes_supported: [...SCOPES],
    claims_supported: ['sub', ...Object.values(CLAIM_SCOPES).flat(), 'iss', 'auth_time', 'acr', 'sid'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [options.signingAlg],
    token_endpoint_auth_methods_supported: [...CLIENT_AUTH_METHODS],
    token_endpoint_auth_signing_alg_values_supported: [...CLIENT_ASSERTION_ALGS],
    revocation_endpoint_auth_methods_supported: [...CLIENT_AUTH_METHODS],
    revocation_endpoint_auth_signing_alg_values_supported: [...CLIENT_ASSERTION_ALGS],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: [...DPOP_ALGS],
    authorization_response_iss_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    claims_parameter_supported: false,
  };
}

/** Serves the document appended to the issuer and, for an issuer with a path, also inserted before it (Q1). */
export function metadataRoutes(app: FastifyInstance, issuer: string, document: UmaMetadata): void {
  const body = JSON.stringify(document);
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  for (const name of WELL_KNOWN) {
    for (const url of new Set([`/.well-known/${name}`, `/.well-known/${name}${path}`])) {
      app.get(url, { schema: { tags: ['metadata'], summary: `Metadata (${name})` } }, (_request, reply) =>
        reply
          .headers({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' })
          .type('application/json')
          .send(body),
      );
    }
  }
}
