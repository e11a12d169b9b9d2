/** The clients of the configuration, as oidc-provider and authorization/ want to see them. */
import type { Client, ClientMetadata } from 'oidc-provider';
import { OWNER_SCOPE } from '../../protocol/owner.ts';
import { keyOf } from '../authorization/secrets.ts';
import type { ConfiguredClient } from '../config/config.ts';
import type { DescribeClient } from './grants/uma-ticket.ts';
import { SCOPES } from './scopes.ts';

/** Scopes of a client that does not act for resource owners. */
export const THIRD_PARTY_SCOPE = SCOPES.filter((scope) => scope !== OWNER_SCOPE).join(' ');

/** Our own client metadata: resource scopes that the client may ask for; absent = all (UMA Grant 3.3.4, RegisteredScopes). */
export const UMA_SCOPES = 'uma_scopes';
/** UMA Grant 2. */
export const CLAIMS_REDIRECT_URIS = 'claims_redirect_uris';

/** Before the SHA-256 of a secret that this server made for a client; it is long and random, so nothing slower is needed. */
const HASHED = 'uma:sha256:';

/** A registered client as it is kept: its secret is told once, when it registers. The same object where there is nothing to hash. */
export function hashedSecret<Payload extends { client_secret?: unknown }>(payload: Payload): Payload {
  const { client_secret: secret } = payload;
  if (typeof secret !== 'string' || secret.startsWith(HASHED)) return payload;
  return { ...payload, client_secret: HASHED + keyOf(secret) };
}

/** What `presented` has to be equal to the kept secret as. */
export const comparable = (presented: string, kept: string | undefined): string =>
  kept?.startsWith(HASHED) ? HASHED + keyOf(presented) : presented;

/** @param grantTypes the grants that this server has; others of a client's list do nothing. */
export function clientMetadata(client: ConfiguredClient, grantTypes: ReadonlySet<string>): ClientMetadata {
  const { client_id, client_secret, name, application_type, jwks, uma_scopes } = client;
  const grant_types = client.grant_types.filter((type) => grantTypes.has(type));
  return {
    client_id,
    application_type,
    token_endpoint_auth_method: client.token_endpoint_auth_method,
    redirect_uris: client.redirect_uris,
    grant_types,
    response_types: grant_types.includes('authorization_code') ? ['code'] : [],
    scope: client.first_party ? SCOPES.join(' ') : THIRD_PARTY_SCOPE,
    [CLAIMS_REDIRECT_URIS]: client.claims_redirect_uris,
    ...(client_secret === undefined ? {} : { client_secret }),
    ...(name === undefined ? {} : { client_name: name }),
    ...(jwks === undefined ? {} : { jwks: jwks as never }),
    ...(uma_scopes === undefined ? {} : { [UMA_SCOPES]: uma_scopes }),
  };
}

/** @param configured clients of the configuration; every other one registered itself. */
export function describeClients(configured: readonly ConfiguredClient[]): DescribeClient {
  const known = new Set(configured.map(({ client_id }) => client_id));
  return (client: Client) => ({
    id: client.clientId,
    name: client.clientName,
    registered_scopes: client[UMA_SCOPES] as readonly string[] | undefined,
    self_registered: !known.has(client.clientId),
    may_refresh: client.grantTypeAllowed('refresh_token'),
  });
}
