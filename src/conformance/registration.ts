/** Dynamic client registration (RFC 7591) as the checks need it. */
import type { Answer } from './http.ts';
import type { Probe } from './probe.ts';

/** Registers a confidential client for the uma-ticket grant; `metadata` wins, `null` sends no initial access token. */
export function register(
  t: Probe,
  metadata: object,
  token: string | null | undefined = t.config.initial_access_token,
): Promise<Answer> {
  return t.protection('POST', t.session.endpoint('registration_endpoint'), token ?? undefined, {
    client_name: 'conformance',
    redirect_uris: ['https://client.example/cb'],
    claims_redirect_uris: ['https://client.example/claims'],
    grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:uma-ticket'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    ...metadata,
  });
}

/** A server that guards registration is no worse for it: without its token nothing can be said about the rest. */
export function tokenMissing(t: Probe, { status }: Answer): string | undefined {
  return (status === 401 || status === 403) && t.config.initial_access_token === undefined
    ? 'not configured: initial_access_token, which the server asks for'
    : undefined;
}
