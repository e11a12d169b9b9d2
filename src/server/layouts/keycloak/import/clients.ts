/** Clients of a realm file, as this server's OAuth core wants them. */
import { UMA_TICKET_GRANT } from '../../../../protocol/outcome.ts';
import { newSecret } from '../../../authorization/secrets.ts';
import type { ConfiguredClient } from '../../../config/config.ts';
import type { AfterLogout } from '../realm.ts';
import { readRedirects } from '../redirects.ts';
import type { Notes, Reader } from './reader.ts';

export interface ReadClient {
  id: string | undefined;
  client: ConfiguredClient;
  origins: string[];
  beginnings: string[];
  afterLogout: AfterLogout | undefined;
  serviceAccount: boolean;
  /** Authorization settings, where the client is a resource server. */
  authorization: Reader | undefined;
}

/** Keycloak's own, in every realm; nothing of them serves UMA. */
const BUILT_IN = new Set([
  'account',
  'account-console',
  'admin-cli',
  'broker',
  'realm-management',
  'security-admin-console',
]);

/** What an export says of every client and what has no counterpart that matters here. */
const OF_NO_MATTER = [
  'alwaysDisplayInConsole',
  'baseUrl',
  'adminUrl',
  'consentRequired',
  'defaultClientScopes',
  'defaultRoles',
  'description',
  'frontchannelLogout',
  'nodeReRegistrationTimeout',
  'optionalClientScopes',
  'protocol',
  'registrationAccessToken',
  'access',
] as const;

/** Attributes that every export has, or that are about what is named nowhere else here: logout of other kinds, dates, SAML. */
const ATTRIBUTES_OF_NO_MATTER = [
  'backchannel.logout.session.required',
  'client.secret.creation.time',
  'frontchannel.logout.session.required',
  'realm_client',
];

/** Claims that Keycloak itself adds to a service account's tokens. */
const OWN_MAPPERS = ['Client ID', 'Client Host', 'Client IP Address'];

/** Undefined for a client that is left out; the notes say why. */
export function readClient(client: Reader, notes: Notes): ReadClient | undefined {
  const client_id = client.text('clientId') ?? '';
  const protocol = client.raw('protocol') ?? 'openid-connect';
  const kept = client.flag('enabled') ?? true;
  if (BUILT_IN.has(client_id) || protocol !== 'openid-connect' || !kept) {
    const why = !kept
      ? 'it is not enabled'
      : protocol !== 'openid-connect'
        ? `it speaks ${String(protocol)}`
        : "it is Keycloak's own";
    notes.add(`client ${client_id}: left out, ${why}`);
    return undefined;
  }
  client.ignore(...OF_NO_MATTER);
  const note = (text: string) => notes.add(`client ${client_id}: ${text}`);
  const publicClient = client.flag('publicClient') ?? false;
  const kind = client.text('clientAuthenticatorType') ?? 'client-secret';
  if (!publicClient && kind !== 'client-secret') note(`it authenticates by ${kind}, which is taken as a secret`);
  const written = client.text('secret');
  const secret = written === undefined || /^\*+$/.test(written) ? undefined : written;
  if (!publicClient && secret === undefined) note('its secret is not in the file: it cannot authenticate');
  const rootUrl = client.text('rootUrl');
  const redirects = (written: readonly string[]) =>
    readRedirects(written, rootUrl, (uri) =>
      note(`redirect URI ${uri}: neither a whole address nor one that ends in /*`),
    );
  const { whole: redirect_uris, beginnings } = redirects(client.texts('redirectUris'));
  const standardFlow = client.flag('standardFlowEnabled') ?? true;
  const serviceAccount = client.flag('serviceAccountsEnabled') ?? false;
  const password = client.flag('directAccessGrantsEnabled') ?? true;
  const authorization = client.flag('authorizationServicesEnabled')
    ? client.object('authorizationSettings')
    : undefined;
  client.ignore('authorizationSettings');
  const attributes = client.object('attributes');
  const mappers = client.objects('protocolMappers').map((mapper) => mapper.text('name') ?? '');
  for (const name of mappers) if (!OWN_MAPPERS.includes(name)) note(`protocol mapper "${name}"`);
  if (client.flag('fullScopeAllowed') === false)
    note('full scope is not allowed; its tokens hold every role of a person all the same');
  const access_token_ttl = attributes?.seconds('access.token.lifespan');
  // `+` = those after a sign-in, `-` = none.
  const after = attributes?.text('post.logout.redirect.uris')?.split('##') ?? ['+'];
  const afterLogout =
    after.join() === '+'
      ? undefined
      : {
          ...redirects(after.filter((uri) => uri !== '+' && uri !== '-')),
          others: after.includes('+'),
        };
  const name = client.text('name');
  const id = client.text('id');
  attributes?.ignore(...ATTRIBUTES_OF_NO_MATTER);
  attributes?.finish();
  const origins = client.texts('webOrigins');
  client.finish();
  return {
    id,
    origins,
    beginnings,
    afterLogout,
    serviceAccount,
    authorization,
    client: {
      client_id,
      ...(publicClient ? {} : { client_secret: secret ?? newSecret() }),
      ...(name === undefined || name === '' ? {} : { name }),
      application_type: redirect_uris.every((uri) => /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/.test(uri))
        ? 'native'
        : 'web',
      redirect_uris,
      claims_redirect_uris: [],
      grant_types: [
        ...(standardFlow && redirect_uris.length > 0 ? ['authorization_code'] : []),
        ...(password ? ['password'] : []),
        ...(serviceAccount && !publicClient ? ['client_credentials'] : []),
        'refresh_token',
        UMA_TICKET_GRANT,
      ],
      token_endpoint_auth_method: publicClient ? 'none' : 'client_secret_basic',
      first_party: false,
      ...(access_token_ttl === undefined ? {} : { access_token_ttl }),
    },
  };
}
