/**
 * The people, clients, resources, ids and tokens that AM's UMA pages print, so that their commands answer as they stand
 * (8.1 uma/uma-grant-flow.html, uma/uma-policies.html, uma/endpoint-resource_set.html; AM 7 managing-uma-resource-sets.html).
 * All of it is public: on loopback only. Under the context `/am` secrets are those of the 8.x pages, else of the 7.x pages.
 */
import { UMA_TICKET_GRANT } from '../../../protocol/outcome.ts';
import type { ResourceDescription } from '../../../protocol/resource.ts';
import { PAT_SCOPE } from '../../../protocol/token.ts';
import { keyOf, newId } from '../../authorization/secrets.ts';
import {
  type ConfigOverrides,
  type ConfiguredClient,
  type ConfiguredPerson,
  DEFAULT_LIFETIMES,
  type ServerConfig,
  settingsFrom,
} from '../../config/config.ts';
import { WALKTHROUGH_PASSWORD_HASH } from '../../config/walkthrough.ts';
import { ACCESS_TOKEN_KIND } from '../../oauth/access-tokens.ts';
import type { LayoutServices } from '../layout.ts';
import { contextOf } from './addresses.ts';
import { keepSession } from './session.ts';

/** `Ch4ng31t`, hashed beforehand. */
const CH4NG31T = '$argon2id$v=19$m=19456,t=2,p=1$h1lONtPviXFJKFiVs8qKkw$OhsHih//ZyIcmgjryuc5czj+A5DofPknFqqrrS+qgW0';

/** `expires_in` as the pages print it, in seconds. */
const LIFETIMES = { pat: 3599, claims: 4999, rpt: 3599 };
/** Days rather than the hour that is printed: a manual is read slowly. In seconds. */
const PRINTED_TOKENS = 30 * 86_400;

/** What the pages print. */
export const PRINTED = {
  pats: ['057ad16f-7dba-4049-9f34-e609d230d43a', '515d6551-6512-5279-98b6-c0ef3f03a723', 'oMsRVDXHYsWAC0KClr6dmX2_cIc'],
  rpt: 'Aw4a92ZoKsjadWKw2d4Rmcjv7DM',
  ssoToken: 'AQIC5wM2LY4S…Q4MTE4NTA2*',
  /** Of the step "Create a permission ticket". */
  resource: 'ef4d750e-3831-483b-b395-c6f059b5e15d0',
  /** Of the pages on registration. */
  registered: '126615ba-b7fd-4660-b281-bae81aa45f7c0',
  /** Of the pages on policies. */
  shared: '0d7790de-9066-4bb6-8e81-25b6f9d0b8853',
  rs: 'UMA-Resource-Server',
  client: 'UmaClient',
} as const;

const person = (username: string, name: [string, string], password_hash: string): ConfiguredPerson => ({
  sub: username,
  username,
  password_hash,
  name: name.join(' '),
  given_name: name[0],
  family_name: name[1],
  email: `${username}@example.com`,
  email_verified: true,
});

const client = (
  client_id: string,
  client_secret: string,
  grant_types: string[],
  access_token_ttl: number,
  redirect_uris = ['http://127.0.0.1/callback'],
): ConfiguredClient => ({
  client_id,
  client_secret,
  application_type: 'native',
  redirect_uris,
  claims_redirect_uris: ['http://127.0.0.1/callback'],
  grant_types,
  token_endpoint_auth_method: 'client_secret_basic',
  first_party: false,
  access_token_ttl,
});

const album = (name: string, ...extra: string[]): ResourceDescription => ({
  name,
  description: 'My photo album',
  type: 'http://photoz.example.com/dev/rtypes/photoalbum',
  icon_uri: 'http://photoz.example.com/icons/flower.png',
  resource_scopes: ['view', 'comment', 'download', ...extra],
  labels: ['3D', 'VIP'],
});

/** A new copy at every call. @param issuerPath decides whose pages' secrets. */
export function forgerockConfig(overrides: ConfigOverrides, issuerPath: string): ServerConfig {
  const eight = contextOf(issuerPath) === '/am';
  const secret = eight ? 'mySecret' : 'password';
  const bobs = eight ? CH4NG31T : WALKTHROUGH_PASSWORD_HASH;
  const resource = (id: string, description: ResourceDescription) => ({
    id,
    owner: 'alice',
    rs: PRINTED.rs,
    description,
  });
  return {
    people: [
      person('alice', ['Alice', 'Anders'], CH4NG31T),
      person('bob', ['Bob', 'Baker'], bobs),
      person('chris', ['Chris', 'Carter'], CH4NG31T),
      // A person of a tree that wants more than a password: HTTP 500 at the password grant.
      { ...person('carol', ['Carol', 'Clark'], CH4NG31T), second_factor: true },
    ],
    clients: [
      client(
        PRINTED.client,
        secret,
        ['password', 'authorization_code', 'refresh_token', UMA_TICKET_GRANT],
        LIFETIMES.claims,
      ),
      // No page gets a PAT by client credentials. Its owners come back to `uma gateway`, too, which renews its PATs.
      client(PRINTED.rs, secret, ['password', 'authorization_code', 'refresh_token'], LIFETIMES.pat, [
        'http://127.0.0.1/callback',
        'http://127.0.0.1/.uma/callback',
        'http://[::1]/.uma/callback',
      ]),
    ],
    resources: [
      resource(PRINTED.resource, album('Vacation Photos')),
      resource(PRINTED.registered, album('Printed Photo Album', 'edit', 'http://photoz.example.com/dev/scopes/print')),
      resource(PRINTED.shared, album('My Resource Name')),
    ],
    policies: [],
    trusted_issuers: [],
    lifetimes: { ...DEFAULT_LIFETIMES },
    settings: settingsFrom({ rpt_ttl: LIFETIMES.rpt }, overrides),
    cors_origins: [],
    password_grant: true,
    introspection_get: false,
  };
}

/** The tokens that the pages print: they answer from the start, as if made earlier. */
export async function preloadForgerock({
  issuer,
  stores,
  now,
}: Pick<LayoutServices, 'issuer' | 'stores' | 'now'>): Promise<void> {
  const iat = now();
  const expires_at = iat + PRINTED_TOKENS;
  for (const pat of PRINTED.pats) {
    await stores.artifacts.put({
      kind: ACCESS_TOKEN_KIND,
      id: keyOf(pat),
      payload: {
        kind: 'AccessToken',
        clientId: PRINTED.rs,
        accountId: 'alice',
        scope: PAT_SCOPE,
        iat,
        exp: expires_at,
      },
      expires_at,
    });
  }
  await keepSession(stores, PRINTED.ssoToken, { sub: 'alice', username: 'alice' }, expires_at);
  // A store on disk has it from the start before.
  await stores.rpts.delete(keyOf(PRINTED.rpt));
  await stores.rpts.put({
    key: keyOf(PRINTED.rpt),
    chain: newId(),
    owner: 'alice',
    rs: PRINTED.rs,
    client_id: PRINTED.client,
    party: { iss: issuer, sub: 'bob', name: 'Bob Baker' },
    permissions: [{ resource_id: PRINTED.resource, resource_scopes: ['download'], exp: expires_at }],
    issued_at: iat,
    expires_at,
  });
}
