/** The embedded server as a subject of the suite: its configuration, its people and clients, and what it is known not to meet. */
import { argon2Sync, hash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceConfig, TestClient } from '../../conformance/config.ts';
import { newKey } from '../../conformance/jws.ts';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import type { ServerConfig } from '../../server/config/config.ts';
import { resolveConfig } from '../../server/config/resolve.ts';
import type { ConfigFile } from '../../server/config/schema.ts';
import { type RunningServer, startServer } from '../../server/start.ts';
import { loopbackCertificate } from './certificate.ts';

/**
 * What the embedded server does not meet over plain http with the password grant, as the walkthrough has it, and why.
 * The hardened run has none.
 */
export const WALKTHROUGH_GAPS: Readonly<Record<string, string>> = {
  'SEC-9700-10': 'the walkthrough signs people in by the password grant, so that scripts can',
  'FED-1.3-01': 'plain http, on loopback only',
  'SEC-8414-01': 'plain http, on loopback only',
  'SEC-7009-06': 'plain http, on loopback only',
  'GRANT-5-01': 'plain http, on loopback only',
};

/** Short, so that their ends can be seen; long enough for a slow machine between two requests. Seconds. */
const TICKET_TTL = 8;
const PCT_TTL = 12;
const INTERVAL = 1;
const SCOPES = ['view', 'download', 'print'];
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const CALLBACK = 'https://client.example/callback';
const claimsAt = (path: string) => `https://client.example/claims/${path}`;

export interface Subject {
  server: RunningServer;
  config: ConformanceConfig;
  close(): Promise<void>;
}

export interface SubjectOptions {
  /** TLS, no password grant, people signed in over the login pages. */
  hardened: boolean;
  /** Starts the server; a test hands in one with a fault. */
  start?: typeof startServer;
}

/** Starts the embedded server on a free port of loopback, with all that the suite asks for. */
export async function startSubject({ hardened, start = startServer }: SubjectOptions): Promise<Subject> {
  const issuerKey = { ...newKey(), kid: 'conformance' };
  const clientKey = { ...newKey(), kid: 'conformance-client' };
  const initial_access_token = newSecret();
  const keys = { issuerKey, clientKey, initial_access_token };
  const { clients, file } = serverFile(hardened, keys);
  const nothing = {
    readText: () => Promise.reject(new Error('the fixture names no file')),
    readSecret: () => Promise.reject(new Error('the fixture names no file')),
    variable: () => undefined,
  };
  const config: ServerConfig = await resolveConfig(file, nothing, {});
  const tls = hardened ? await temporaryCertificate() : undefined;
  let server: RunningServer;
  try {
    server = await start({ port: 0, config, ...(tls === undefined ? {} : { tls: tls.files }) });
  } finally {
    // The server has read them: nothing is left behind even when the run is interrupted.
    await tls?.remove();
  }
  const given: ConformanceConfig = {
    issuer: server.issuer,
    metadata: {},
    resource_servers: [clients.rs1, clients.rs2],
    clients: clients.parties,
    owner_client: clients.owner,
    owners: people('alice', 'carol'),
    parties: people('bob', 'dave'),
    scopes: SCOPES,
    sign_in: hardened ? 'code' : 'password',
    owner_side: 'owner-api',
    claim_issuer: { issuer: 'https://idp.example', private_jwk: { ...issuerKey.privateJwk, kid: issuerKey.kid } },
    pat_scope: 'uma_protection',
    resource_members: {},
    permissions_as_array: false,
    introspection: { by: 'pat', members: {} },
    submit_members: {},
    initial_access_token,
    lifetimes: { ticket: TICKET_TTL, pct: PCT_TTL },
    patience: 15,
    timeout_ms: 10_000,
    known_gaps: hardened ? {} : { ...WALKTHROUGH_GAPS },
    ...(tls === undefined ? {} : { ca: tls.ca }),
  };
  return { server, config: given, close: () => server.close() };
}

interface Keys {
  issuerKey: { publicJwk: object; kid: string };
  clientKey: { privateJwk: object; publicJwk: object; kid: string };
  initial_access_token: string;
}

const newSecret = () => randomBytes(24).toString('base64url');
const PASSWORD = newSecret();

/** A random password that lives for one run needs no costly hash; a hundred sign-ins do need a quick one. */
function quickHash(password: string): string {
  const nonce = randomBytes(16);
  const cost = { memory: 64, passes: 1, parallelism: 1 };
  const tag = argon2Sync('argon2id', { ...cost, message: password, nonce, tagLength: 32 });
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

const people = (...names: string[]) => names.map((username) => ({ username, password: PASSWORD }));

function serverFile(hardened: boolean, keys: Keys) {
  const sign_in = hardened ? [] : ['password'];
  const usual = [...sign_in, 'authorization_code', 'refresh_token', UMA_TICKET_GRANT];
  const written: NonNullable<ConfigFile['clients']> = [];
  const add = (
    client_id: string,
    grant_types: string[],
    claims_redirect_uris: string[] = [],
    more: Partial<(typeof written)[number]> = {},
  ): TestClient => {
    const method = more.token_endpoint_auth_method ?? 'client_secret_basic';
    const secret = method.startsWith('client_secret') ? { client_secret: newSecret() } : {};
    const redirect_uris = [CALLBACK];
    written.push({
      client_id,
      name: `Client ${client_id}`,
      grant_types,
      redirect_uris,
      claims_redirect_uris,
      token_endpoint_auth_method: method,
      ...secret,
      ...more,
    });
    return { client_id, method, redirect_uri: CALLBACK, claims_redirect_uris, ...secret };
  };
  const rsGrants = [...sign_in, 'authorization_code', 'refresh_token', 'client_credentials'];
  const open = { token_endpoint_auth_method: 'none' as const };
  const clients = {
    rs1: add('rs1', rsGrants, [], { origins: ['https://rs1.example'] }),
    rs2: add('rs2', rsGrants, [], { origins: ['https://rs2.example'] }),
    owner: add('owner-app', [...sign_in, 'authorization_code', 'refresh_token', DEVICE_CODE], [], {
      ...open,
      first_party: true,
    }),
    parties: {
      main: add('main', usual, [claimsAt('main?a=1')]),
      other: add('other', usual, [claimsAt('other'), claimsAt('other/second')], {
        token_endpoint_auth_method: 'client_secret_post',
      }),
      bare: add('bare', usual),
      public: add('public', usual, [claimsAt('public')], open),
      public_bare: add('public-bare', usual, [], open),
      limited: add('limited', usual, [], { uma_scopes: SCOPES.slice(0, 1) }),
      without_grant: add('without-grant', ['client_credentials']),
      key: {
        ...add('key', usual, [], {
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [{ ...keys.clientKey.publicJwk, kid: keys.clientKey.kid, alg: 'ES256' } as never] },
        }),
        private_jwk: { ...keys.clientKey.privateJwk, kid: keys.clientKey.kid },
      },
    },
  };
  const file: ConfigFile = {
    people: ['alice', 'carol', 'bob', 'dave'].map((username) => ({
      username,
      password_hash: quickHash(PASSWORD),
      // Nothing in a token may look like the name that the person signs in with.
      sub: `sub-${username}`,
      email: `${username}@example.com`,
      email_verified: true,
    })),
    clients: written,
    trusted_issuers: [
      {
        issuer: 'https://idp.example',
        jwks: { keys: [{ ...keys.issuerKey.publicJwk, kid: keys.issuerKey.kid, alg: 'ES256' } as never] },
      },
    ],
    lifetimes: { ticket: TICKET_TTL, pct: PCT_TTL },
    settings: { interval: INTERVAL },
    password_grant: !hardened,
    registration: { initial_access_token_hash: hash('sha256', keys.initial_access_token, 'base64url') },
  };
  return { clients, file };
}

export async function temporaryCertificate() {
  const directory = await mkdtemp(join(tmpdir(), 'uma-conformance-'));
  const { cert, key } = loopbackCertificate();
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  await writeFile(files.cert, cert);
  await writeFile(files.key, key, { mode: 0o600 });
  await chmod(directory, 0o700);
  return { files, ca: cert, remove: () => rm(directory, { recursive: true, force: true }) };
}
