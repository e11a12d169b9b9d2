/** The configuration file, as TypeBox: its type, its check and its published JSON Schema are this one definition. */

import Type, { type Static, type TSchema } from 'typebox';
import { CLAIM_TOKEN_ALGORITHMS } from '../authorization/claim-token.ts';
import { DEFAULT_SETTINGS, JWT_RPT_TTL } from '../authorization/settings.ts';
import { DEFAULT_ALGORITHMS, DEFAULT_LIFETIMES } from './config.ts';
import type { PublicKeys } from './parts.ts';

const closed = { additionalProperties: false };
const text = (description: string) => Type.String({ minLength: 1, description });
const texts = (description: string) => Type.Array(Type.String({ minLength: 1 }), { description, uniqueItems: true });
const flag = (description: string, standard: boolean) =>
  Type.Optional(Type.Boolean({ description, default: standard }));
const seconds = (description: string, standard: number) =>
  Type.Optional(Type.Integer({ minimum: 1, description: `${description}, in seconds`, default: standard }));
const opt = <T extends TSchema>(schema: T) => Type.Optional(schema);
const jwks = Type.Unsafe<PublicKeys>(
  Type.Object({ keys: Type.Array(Type.Object({ kty: Type.String() })) }, { description: 'A JWK Set of public keys' }),
);

const Person = Type.Object(
  {
    username: text('What the person signs in with'),
    password: opt(text('In the clear, for trying out; the file must then be readable by its owner only')),
    password_hash: opt(text('argon2id in PHC form, instead of password')),
    sub: opt(text('Subject identifier; the username when absent')),
    name: opt(text('Full name')),
    given_name: opt(text('Given name')),
    family_name: opt(text('Family name')),
    email: opt(text('E-mail address')),
    email_verified: flag('Whether policies may trust the e-mail address', false),
    groups: opt(texts('Groups that policies can name')),
  },
  closed,
);

const Client = Type.Object(
  {
    client_id: text('Client identifier'),
    client_secret: opt(text('In the clear; the file must then be readable by its owner only')),
    client_secret_file: opt(text('A file that holds the secret; relative to the configuration file')),
    client_secret_env: opt(text('An environment variable that holds the secret')),
    name: opt(text('For people to read')),
    redirect_uris: opt(texts('Redirect URIs of the authorization code grant')),
    claims_redirect_uris: opt(texts('Where claims gathering may send the requesting party back to (UMA Grant 3.3.2)')),
    grant_types: opt(texts('Grants that the client may use; authorization_code when absent')),
    token_endpoint_auth_method: opt(
      Type.Enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'], {
        description:
          'How the client proves itself; by its secret (basic), else by its jwks, else not at all, when absent',
      }),
    ),
    uma_scopes: opt(texts('Resource scopes that the client may ask for (UMA Grant 3.3.4); all when absent')),
    first_party: flag('Whether the client may act for resource owners (scope uma_owner)', false),
    origins: opt(texts("Origins of the resource server's own addresses, for example https://photos.example")),
    jwks: opt(jwks),
  },
  closed,
);

const Resource = Type.Object(
  {
    id: opt(text('Resource identifier; made from owner, rs and name when absent')),
    owner: text('Username of the resource owner'),
    rs: text('Client id of the resource server'),
    resource_scopes: texts('Scopes of the resource'),
    name: opt(text('For people to read')),
    description: opt(text('For people to read')),
    icon_uri: opt(text('Address of a picture')),
    type: opt(text('Type, usually a URI')),
  },
  { description: 'A registered resource (UMA Federated Authorization 3.1); further members are kept as they are' },
);

const LocalOrForeignParty = Type.Object(
  {
    username: opt(text('Somebody with an account here')),
    iss: opt(text('Issuer of somebody from elsewhere; together with sub')),
    sub: opt(text('Subject at that issuer')),
    name: opt(text('For people to read')),
  },
  closed,
);

const Policy = Type.Object(
  {
    owner: text('Username of the resource owner'),
    resource_id: text('Id of a resource of this file'),
    effect: Type.Enum(['allow', 'deny'], { description: 'deny wins over every allow' }),
    scopes: opt(texts('Scopes that the policy is about; all, and the resource itself, when absent')),
    subject: Type.Object(
      {
        party: opt(LocalOrForeignParty),
        email: opt(text('Verified e-mail address')),
        group: opt(text('Group')),
        anyone: opt(Type.Literal(true, { description: 'Anyone who brings the claims' })),
      },
      { ...closed, minProperties: 1, maxProperties: 1, description: 'Who the policy is about; exactly one member' },
    ),
    claims: opt(
      Type.Array(
        Type.Object(
          {
            name: text('Name of the claim'),
            values: opt(
              Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
                description: 'Values that will do; any when absent',
              }),
            ),
            friendly_name: opt(text('For people to read')),
            claim_type: opt(text('Type of the claim')),
            issuer: opt(texts('Issuers to believe; every trusted one when absent')),
          },
          closed,
        ),
        { description: 'Claims that the requesting party has to bring' },
      ),
    ),
    clients: opt(texts('Client ids; any client when absent')),
    expires_at: opt(Type.Integer({ minimum: 0, description: 'Seconds since the epoch' })),
    name: opt(text('For people to read')),
  },
  closed,
);

const Issuer = Type.Object(
  {
    issuer: text('Issuer identifier, as in the iss of its tokens'),
    jwks_uri: opt(text('Address of its keys; exactly one of jwks_uri, jwks_file and jwks')),
    jwks_file: opt(text('A file with its keys; relative to the configuration file')),
    jwks: opt(jwks),
    algorithms: opt(
      Type.Array(Type.Enum([...CLAIM_TOKEN_ALGORITHMS]), {
        minItems: 1,
        description: 'Signature algorithms to accept',
        default: DEFAULT_ALGORITHMS,
      }),
    ),
    audience: opt(text("Audience that its tokens must carry; the pushing client's id when absent")),
  },
  closed,
);

const Lifetimes = Type.Object(
  {
    ticket: seconds('Permission ticket', DEFAULT_SETTINGS.ticket_ttl),
    rpt: seconds(`RPT; ${JWT_RPT_TTL} when rpt_format is jwt`, DEFAULT_SETTINGS.rpt_ttl),
    access_token: seconds('Access token, so also PAT', DEFAULT_LIFETIMES.access_token),
    id_token: seconds('ID Token, so also claim token', DEFAULT_LIFETIMES.id_token),
    refresh_token: seconds('Refresh token', DEFAULT_LIFETIMES.refresh_token),
    pct: seconds('Persisted claims token', DEFAULT_SETTINGS.pct_ttl),
    denial: seconds('How long a denied request stays denied', DEFAULT_SETTINGS.denial_ttl),
    authorization_code: seconds('Authorization code', DEFAULT_LIFETIMES.authorization_code),
    device_code: seconds('Device code', DEFAULT_LIFETIMES.device_code),
    session: seconds('Sign-in session of the browser', DEFAULT_LIFETIMES.session),
  },
  closed,
);

const Settings = Type.Object(
  {
    rpt_format: opt(
      Type.Enum(['opaque', 'jwt'], { description: 'Form of RPTs', default: DEFAULT_SETTINGS.rpt_format }),
    ),
    ask_owner: flag('Whether the owner is asked where no policy allows', DEFAULT_SETTINGS.ask_owner),
    interval: seconds('How long a client should wait between polls', DEFAULT_SETTINGS.interval),
    owner_always_allowed: flag(
      'Whether the owner gets an RPT for her own resource without a policy',
      DEFAULT_SETTINGS.owner_always_allowed,
    ),
    partial: opt(
      Type.Enum(['first', 'last', 'never'], {
        description: 'When some of what was asked is allowed: grant that first, last (nobody can be asked), or never',
        default: DEFAULT_SETTINGS.partial,
      }),
    ),
    self_registered_may_push: flag(
      'Whether clients that registered themselves may push claim tokens',
      DEFAULT_SETTINGS.self_registered_may_push,
    ),
    pct_needs_consent: flag(
      'Whether a PCT is issued only after the requesting party agreed',
      DEFAULT_SETTINGS.pct_needs_consent,
    ),
    self_asserted_claims: opt(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Claims that a requesting party may type in on the claims page',
        default: [...DEFAULT_SETTINGS.self_asserted_claims],
      }),
    ),
    revoke_on_replay: flag(
      'Whether a second use of a ticket revokes what the first gave',
      DEFAULT_SETTINGS.revoke_on_replay,
    ),
  },
  closed,
);

export const ConfigFile = Type.Object(
  {
    $schema: opt(Type.String()),
    people: opt(Type.Array(Person)),
    clients: opt(Type.Array(Client)),
    resources: opt(Type.Array(Resource)),
    policies: opt(Type.Array(Policy)),
    trusted_issuers: opt(
      Type.Array(Issuer, { description: 'Issuers whose ID Tokens are believed as claim tokens, beside this server' }),
    ),
    lifetimes: opt(Lifetimes),
    settings: opt(Settings),
    cors_origins: opt(texts('Origins that browsers may call from')),
    password_grant: flag('Whether the password grant exists (RFC 6749 4.3; RFC 9700 2.4 advises against it)', false),
    introspection_get: flag('Introspection also by GET, with the token in the query, which ends up in logs', false),
    registration: opt(
      Type.Object(
        {
          initial_access_token_hash: opt(
            Type.String({
              pattern: '^[A-Za-z0-9_-]{43}$',
              description: 'base64url SHA-256 of the initial access token that registration needs; none when absent',
            }),
          ),
        },
        { ...closed, description: 'Present = clients may register themselves (RFC 7591)' },
      ),
    ),
  },
  closed,
);
/** The file as it is written. */
export type ConfigFile = Static<typeof ConfigFile>;

/** The JSON Schema of the configuration file, as plain JSON, for `docs/config.schema.json`. */
export function configSchema(): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify(ConfigFile)) as Record<string, unknown>;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:uma-cli:config',
    title: 'uma serve --config',
    description: 'Configuration of the authorization server that `uma serve` starts',
    ...plain,
  };
}
