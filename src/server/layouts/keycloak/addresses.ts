/** Keycloak's addresses: those of the OAuth core's own endpoints rewritten to the house's, and its metadata. */
import type { IncomingMessage } from 'node:http';
import type { UmaMetadata } from '../../../protocol/metadata.ts';
import { KEYCLOAK_OWNER_PATHS, KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { PATHS } from '../../oauth/paths.ts';
import { wireScope } from './tokens.ts';

/** Endpoints that the OAuth core answers as they are; longer ones first. */
const REWRITTEN: readonly (readonly [vendor: string, house: string])[] = [
  [KEYCLOAK_PATHS.keys, PATHS.jwks],
  ['/protocol/openid-connect/auth/device', PATHS.device_authorization],
  ['/protocol/openid-connect/ext/par/request', PATHS.pushed_authorization_request],
  [KEYCLOAK_PATHS.authorization, PATHS.authorization],
];

/** The house's address of a request; undefined = the same under the issuer. */
export function keycloakAddress({ url = '/' }: IncomingMessage, issuerPath: string): string | undefined {
  if (!url.startsWith(`${issuerPath}/protocol/`)) return undefined;
  const rest = url.slice(issuerPath.length);
  const query = rest.indexOf('?');
  const path = query === -1 ? rest : rest.slice(0, query);
  // Beneath the authorization endpoint a browser comes back from the sign-in page.
  const found = REWRITTEN.find(([vendor]) => path === vendor || path.startsWith(`${vendor}/`));
  if (found === undefined) return undefined;
  const [vendor, house] = found;
  const tail = rest.slice(vendor.length);
  return house + (path === KEYCLOAK_PATHS.authorization ? withScopes(tail) : tail);
}

/** A sign-in asks for what every client has by default, whatever it asks for. */
function withScopes(search: string): string {
  const query = new URLSearchParams(search);
  const [scope, ...more] = query.getAll('scope');
  // A repeated one is the OAuth core's to refuse.
  if (scope === undefined || more.length > 0) return search;
  query.set('scope', wireScope(scope.split(' ')));
  return `?${query}`;
}

/** What Keycloak publishes, as far as it is so here; the house's own endpoints are not named. */
export function keycloakMetadata(standard: UmaMetadata, issuer: string): UmaMetadata {
  const {
    resource_owner_endpoint: _owner,
    claims_interaction_endpoint: _claims,
    uma_profiles_supported: _profiles,
    ...rest
  } = standard;
  const at = (path: string) => issuer + path;
  return {
    ...rest,
    authorization_endpoint: at(KEYCLOAK_PATHS.authorization),
    token_endpoint: at(KEYCLOAK_PATHS.token),
    introspection_endpoint: at(KEYCLOAK_PATHS.introspection),
    revocation_endpoint: at(KEYCLOAK_PATHS.revocation),
    end_session_endpoint: at(KEYCLOAK_PATHS.endSession),
    jwks_uri: at(KEYCLOAK_PATHS.keys),
    userinfo_endpoint: at('/protocol/openid-connect/userinfo'),
    device_authorization_endpoint: at('/protocol/openid-connect/auth/device'),
    pushed_authorization_request_endpoint: at('/protocol/openid-connect/ext/par/request'),
    resource_registration_endpoint: at(KEYCLOAK_PATHS.resources),
    permission_endpoint: at(KEYCLOAK_PATHS.permission),
    policy_endpoint: at(KEYCLOAK_PATHS.protection + KEYCLOAK_OWNER_PATHS.policies),
    frontchannel_logout_supported: false,
    frontchannel_logout_session_supported: false,
  };
}
