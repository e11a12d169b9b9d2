import type { UmaMetadata } from '../../protocol/metadata.ts';

/** Where everything stands under the issuer. Metadata, routes and oidc-provider all read this one list. */
export const PATHS = {
  token: '/token',
  authorization: '/authorize',
  jwks: '/jwks',
  revocation: '/revoke',
  userinfo: '/userinfo',
  device_authorization: '/device_authorization',
  code_verification: '/device',
  registration: '/register',
  end_session: '/logout',
  pushed_authorization_request: '/par',
  introspection: '/introspect',
  permission: '/permission',
  resource_registration: '/resource_set',
  owner: '/owner',
  interaction: '/interaction',
  claims_interaction: '/claims',
  console: '/console',
  resource_page: '/console/resources',
  signed_in: '/console/signed-in',
  stylesheet: '/console/style.css',
  script: '/console/live.js',
  form_post_script: '/console/post.js',
  openapi: '/openapi.json',
} as const;

/** Endpoints that oidc-provider answers, and the metadata member of each. */
const ANSWERED_BY_PROVIDER = {
  token: 'token_endpoint',
  authorization: 'authorization_endpoint',
  jwks: 'jwks_uri',
  revocation: 'revocation_endpoint',
  userinfo: 'userinfo_endpoint',
  device_authorization: 'device_authorization_endpoint',
  registration: 'registration_endpoint',
  pushed_authorization_request: 'pushed_authorization_request_endpoint',
} as const;
export type ProviderPaths = Record<keyof typeof ANSWERED_BY_PROVIDER, string>;

/**
 * The paths that oidc-provider believes in: those that are published, because it compares them with what clients have signed (`htu`
 * of DPoP proofs, `aud` of client assertions). The house's own where one is published elsewhere than beneath the issuer.
 */
export function providerPaths(published: UmaMetadata): ProviderPaths {
  const { issuer } = published;
  const entries = Object.entries(ANSWERED_BY_PROVIDER).map(([name, member]) => {
    const address = published[member];
    const beneath = typeof address === 'string' && address.startsWith(`${issuer}/`);
    return [name, beneath ? address.slice(issuer.length) : PATHS[name as keyof ProviderPaths]];
  });
  return Object.fromEntries(entries) as ProviderPaths;
}

/** The house's address of a request as {@link providerPaths} has it. */
export function toProvider(url: string, paths: ProviderPaths): string {
  for (const [name, theirs] of Object.entries(paths)) {
    const house = PATHS[name as keyof ProviderPaths];
    const rest = url.slice(house.length);
    if (url.startsWith(house) && (rest === '' || rest.startsWith('/') || rest.startsWith('?'))) return theirs + rest;
  }
  return url;
}
