/**
 * Keycloak 26 and what speaks its wire. Facts: wire/keycloak.ts and the exchanges recorded beside its test. Errors are told apart by
 * status and `error`, never by the description, except `request_submitted` and `not_authorized`, which stand nowhere else.
 */
import { KEYCLOAK_PATHS } from '../../wire/keycloak.ts';
import type { Dialect } from './dialect.ts';
import { KEYCLOAK_DEVIATIONS } from './keycloak/deviations.ts';
import { keycloakGrant } from './keycloak/grant.ts';
import { keycloakOwner } from './keycloak/owner.ts';
import { keycloakProtection } from './keycloak/protection.ts';
import { wireErrorOf } from './keycloak/refusals.ts';
import { standard } from './standard.ts';

export const keycloak: Dialect = {
  name: 'keycloak',
  vendor: 'Keycloak',
  recognises({ issuer, token_endpoint, policy_endpoint }) {
    if (typeof policy_endpoint === 'string' && policy_endpoint.endsWith('/authz/protection/uma-policy'))
      return '"policy_endpoint" is Keycloak\'s uma-policy';
    if (/\/realms\/[^/]+$/.test(issuer) && token_endpoint === issuer + KEYCLOAK_PATHS.token)
      return "issuer and token endpoint have Keycloak's paths";
    return undefined;
  },
  deviations: KEYCLOAK_DEVIATIONS,
  complete(metadata) {
    const { permission_endpoint: permission } = metadata;
    if (permission === undefined || !permission.endsWith(KEYCLOAK_PATHS.permission)) return metadata;
    return { resource_owner_endpoint: permission.slice(0, -'/permission'.length), ...metadata };
  },
  tokens: {
    ...standard.tokens,
    // Asking for the scope is refused: the right is a role of the resource server's client.
    patScope: undefined,
    tokenRefused: ({ response }) =>
      response.status === 401 || (response.status === 403 && wireErrorOf(response.body) === 'invalid_bearer_token'),
  },
  protection: keycloakProtection,
  grant: keycloakGrant,
  owner: keycloakOwner,
};
