/** The configuration without a file: people and clients of the walkthroughs. Its passwords are public, so it is for loopback only. */
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import {
  type ConfigOverrides,
  type ConfiguredClient,
  type ConfiguredPerson,
  DEFAULT_LIFETIMES,
  type ServerConfig,
  settingsFrom,
} from './config.ts';

/** `password`, hashed beforehand: the server has to start fast. */
export const WALKTHROUGH_PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$zqIrLKpMZgM+ULJtPy+DQA$Klm8qyFgnZW+WGeK6C73Giy6fPr8dkal+ysloTDdAMs';
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** RFC 8252 7.3: the port is the client's choice at every sign-in. */
const LOOPBACK = ['http://127.0.0.1/callback', 'http://[::1]/callback'];
/** Compared character for character (UMA Grant 3.3.2), the port too: where `uma get` and `uma rpt` wait by default. */
const CLAIMS = ['http://127.0.0.1:9402/callback'];
/** Where `uma gateway` takes owners back. */
const GATEWAY = ['http://127.0.0.1/.uma/callback', 'http://[::1]/.uma/callback'];

const person = (username: string, given_name: string, family_name: string): ConfiguredPerson => ({
  sub: username,
  username,
  password_hash: WALKTHROUGH_PASSWORD_HASH,
  name: `${given_name} ${family_name}`,
  given_name,
  family_name,
  email: `${username}@example.com`,
  email_verified: true,
});

const confidential = (client_id: string, name: string, grant_types: string[]): ConfiguredClient => ({
  client_id,
  client_secret: 'password',
  name,
  application_type: 'native',
  redirect_uris: [...LOOPBACK],
  claims_redirect_uris: [],
  grant_types,
  token_endpoint_auth_method: 'client_secret_basic',
  first_party: false,
});

/** A new copy at every call. */
export function walkthroughConfig(overrides: ConfigOverrides = {}): ServerConfig {
  return {
    people: [
      person('alice', 'Alice', 'Anders'),
      person('bob', 'Bob', 'Baker'),
      person('chris', 'Chris', 'Carter'),
      person('jdoe', 'John', 'Doe'),
    ],
    clients: [
      {
        ...confidential('UmaClient', 'Photo Viewer', [
          'password',
          'client_credentials',
          'authorization_code',
          'refresh_token',
          DEVICE_CODE_GRANT,
          UMA_TICKET_GRANT,
        ]),
        claims_redirect_uris: [...CLAIMS],
      },
      {
        ...confidential('UMA-Resource-Server', 'Photo Album', [
          'password',
          'client_credentials',
          'authorization_code',
          'refresh_token',
          DEVICE_CODE_GRANT,
        ]),
        redirect_uris: [...LOOPBACK, ...GATEWAY],
      },
      {
        client_id: 'uma-cli',
        name: 'uma command line',
        application_type: 'native',
        redirect_uris: [...LOOPBACK],
        claims_redirect_uris: [],
        grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT, 'password'],
        token_endpoint_auth_method: 'none',
        first_party: true,
      },
    ],
    resources: [],
    policies: [],
    trusted_issuers: [],
    lifetimes: { ...DEFAULT_LIFETIMES },
    settings: settingsFrom({}, overrides),
    cors_origins: [],
    password_grant: true,
    introspection_get: false,
  };
}
