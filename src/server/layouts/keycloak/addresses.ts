/** Keycloak's addresses: those of the OAuth core's own endpoints rewritten to the house's, and its metadata. */
import type { IncomingMessage } from 'node:http';
import type { UmaMetadata } from '../../../protocol/metadata.ts';
import { KEYCLOAK_OWNER_PATHS, KEYCLOAK_PATHS } from '../../../wire/keycloak.ts';
import { PATHS } from '../../oauth/paths.ts';

/** Endpoints that the OAuth core answers as they are. */
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
  const house = REWRITTEN.find(([vendor]) => vendor === path)?.[1];
  return house === undefined ? undefined : house + (query === -1 ? '' : rest.slice(query));
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
