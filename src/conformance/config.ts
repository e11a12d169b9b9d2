/**
 * What the suite has to be given about the server under test: whom it can act for, and how its owners decide.
 * Nothing of it is a vendor's feature; what is left out makes the checks that need it "not applicable", with that reason.
 */

import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';

export const CLIENT_METHODS = ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'] as const;
export type ClientMethod = (typeof CLIENT_METHODS)[number];

export interface TestClient {
  client_id: string;
  /** What pages call it; the client_id when absent. */
  name?: string;
  method: ClientMethod;
  client_secret?: string;
  /** For `private_key_jwt`: an ES256 private key. */
  private_jwk?: Record<string, unknown>;
  redirect_uri?: string;
  claims_redirect_uris: string[];
}

export interface Person {
  username: string;
  /** What pages call the person; the username when absent. */
  name?: string;
  password: string;
  /** What a policy has to name where it is not the ID Token's `iss` and `sub`. */
  subject?: string;
}

/**
 * The clients of requesting parties, by what is special about each. Only `main` is required.
 * - `main`: confidential, exactly one claims redirect URI
 * - `other`: confidential, a second one, with two or more claims redirect URIs
 * - `bare`: confidential, no claims redirect URI
 * - `public`: no secret, exactly one claims redirect URI
 * - `public_bare`: no secret, no claims redirect URI
 * - `limited`: confidential, registered for the scope `scopes[0]` and no other of `scopes`
 * - `without_grant`: confidential, not allowed the uma-ticket grant
 * - `key`: authenticates by `private_key_jwt`
 */
export const CLIENT_ROLES = [
  'main',
  'other',
  'bare',
  'public',
  'public_bare',
  'limited',
  'without_grant',
  'key',
] as const;
export type ClientRole = (typeof CLIENT_ROLES)[number];

/** A trusted issuer of claim tokens whose signing key the suite holds, so that it can make bad ones. */
export interface ClaimIssuer {
  issuer: string;
  /** ES256 private key as a JWK with `kid`. */
  private_jwk: Record<string, unknown>;
}

/** One request of a recipe. `{name}` in any string is replaced (percent-encoded in the URL); a body string that is exactly `{scopes}` becomes the array. */
export interface Step {
  method: string;
  url: string;
  /** Whose token goes along: the owner's PAT, the owner's own token (`owner_client`), or none. */
  token?: 'pat' | 'owner';
  headers?: Record<string, string>;
  body?: unknown;
  /** Names a value of the JSON answer for later steps: `{"id": "0.id"}`. */
  save?: Record<string, string>;
}

/** How an owner decides, where the server has its own API for it. Names to fill in: resource_id, scopes, party, party_name, ticket, issuer. */
export interface Recipes {
  allow?: Step[];
  withdraw?: Step[];
  approve?: Step[];
  deny?: Step[];
}

export interface ConformanceConfig {
  issuer: string;
  /** PEM of the certificate authority of a test server. */
  ca?: string;
  /** Metadata members that win over the discovery document, for a server that leaves some out. */
  metadata: Record<string, unknown>;
  resource_servers: TestClient[];
  clients: { main: TestClient } & Partial<Record<ClientRole, TestClient>>;
  owners: Person[];
  parties: Person[];
  /** Scopes to register resources with; at least three. */
  scopes: string[];
  /** How people sign in: the password grant, or the code flow played over the login pages. */
  sign_in: 'password' | 'code';
  /** How owners decide: our owner API (metadata `resource_owner_endpoint`), recipes, or not at all. */
  owner_side: 'owner-api' | Recipes | undefined;
  /** The client that gets the owner's own token, for the owner API. */
  owner_client?: TestClient;
  claim_issuer?: ClaimIssuer;
  /** Scope of a request for a PAT, for a server that knows the right by another name; empty = none. */
  pat_scope: string;
  /** More members of every resource description. */
  resource_members: Record<string, unknown>;
  /** One permission is asked for as an array of one, for a server that knows no other form. */
  permissions_as_array: boolean;
  /**
   * How RPTs are looked into where a check is about something else: with the PAT, or with the resource server's own credentials.
   * The check of introspection itself always uses the PAT.
   */
  introspection: { by: 'pat' | 'client'; members: Record<string, string> };
  /** The members of the ticket grant that make the server file a request with the owner (Keycloak: `submit_request=true`). */
  submit_members: Record<string, string>;
  /** An initial access token for dynamic registration, when the endpoint is guarded. */
  initial_access_token?: string;
  /** Lifetimes in seconds as the server is configured; checks that would wait longer than `patience` are not run. */
  lifetimes: { ticket?: number; rpt?: number; pct?: number };
  patience: number;
  timeout_ms: number;
  /** Requirement id -> why the server is known not to meet it. Such a failure is expected; passing it is reported as stale. */
  known_gaps: Record<string, string>;
}

type Reader = (value: unknown, path: string) => unknown;

/** What secrets a configuration can point to instead of holding them. */
export interface Sources {
  environment: Readonly<Record<string, string | undefined>>;
  /** Reads a file named in the configuration, relative to it. */
  readFile(path: string): string;
}

/**
 * Reads a configuration (JSON with `//` comments and trailing commas).
 * @throws UmaError `invalid_config` (category `config`) naming the place, for instance `clients.main.client_id`.
 */
export function parseConfig(text: string, sources: Sources): ConformanceConfig {
  let raw: unknown;
  try {
    raw = JSON.parse(stripComments(text));
  } catch (cause) {
    throw new UmaError('config', 'invalid_config', `the configuration is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  return readConfig(raw, sources);
}

export function readConfig(raw: unknown, sources: Sources): ConformanceConfig {
  const config = object(raw, '');
  const client = (value: unknown, path: string) => readClient(value, path, sources);
  const clients = object(config.clients, 'clients');
  const unknownRole = Object.keys(clients).find((role) => !(CLIENT_ROLES as readonly string[]).includes(role));
  if (unknownRole !== undefined) throw fault(`clients.${unknownRole}`, `is none of ${CLIENT_ROLES.join(', ')}`);
  const roles = Object.fromEntries(
    Object.entries(clients).map(([role, value]) => [role, client(value, `clients.${role}`)]),
  );
  if (roles.main === undefined) throw fault('clients.main', 'is required');
  const people = (member: string) =>
    list(config[member], member, (value, path) => readPerson(value, path, sources)) as Person[];
  const scopes = list(config.scopes ?? ['view', 'download', 'print'], 'scopes', text) as string[];
  if (scopes.length < 3) throw fault('scopes', 'needs at least three');
  const sign_in = config.sign_in ?? 'password';
  if (sign_in !== 'password' && sign_in !== 'code') throw fault('sign_in', 'must be "password" or "code"');
  const lifetimes = object(config.lifetimes ?? {}, 'lifetimes') as ConformanceConfig['lifetimes'];
  return {
    issuer: text(config.issuer, 'issuer') as string,
    metadata: object(config.metadata ?? {}, 'metadata'),
    resource_servers: list(config.resource_servers, 'resource_servers', client) as TestClient[],
    clients: roles as ConformanceConfig['clients'],
    owners: people('owners'),
    parties: people('parties'),
    scopes,
    sign_in,
    owner_side: config.owner_side === undefined ? undefined : readOwnerSide(config.owner_side),
    pat_scope: typeof config.pat_scope === 'string' ? config.pat_scope : 'uma_protection',
    resource_members: object(config.resource_members ?? {}, 'resource_members'),
    permissions_as_array: config.permissions_as_array === true,
    introspection: readIntrospection(config.introspection ?? {}),
    submit_members: object(config.submit_members ?? {}, 'submit_members') as Record<string, string>,
    lifetimes,
    patience: typeof config.patience === 'number' ? config.patience : 15,
    timeout_ms: typeof config.timeout_ms === 'number' ? config.timeout_ms : 10_000,
    known_gaps: object(config.known_gaps ?? {}, 'known_gaps') as Record<string, string>,
    ...(config.ca_file === undefined ? {} : { ca: sources.readFile(text(config.ca_file, 'ca_file') as string) }),
    ...(config.ca === undefined ? {} : { ca: text(config.ca, 'ca') as string }),
    ...(config.owner_client === undefined ? {} : { owner_client: client(config.owner_client, 'owner_client') }),
    ...(config.claim_issuer === undefined
      ? {}
      : { claim_issuer: object(config.claim_issuer, 'claim_issuer') as unknown as ClaimIssuer }),
    ...(secretOf(config, 'initial_access_token', '', sources) === undefined
      ? {}
      : { initial_access_token: secretOf(config, 'initial_access_token', '', sources) as string }),
  };
}

function readClient(value: unknown, path: string, sources: Sources): TestClient {
  const raw = object(value, path);
  const secret = secretOf(raw, 'client_secret', path, sources);
  const method = raw.method ?? (secret === undefined ? 'none' : 'client_secret_basic');
  if (!(CLIENT_METHODS as readonly unknown[]).includes(method))
    throw fault(`${path}.method`, `must be one of ${CLIENT_METHODS.join(', ')}`);
  if (typeof method === 'string' && method.startsWith('client_secret') && secret === undefined)
    throw fault(`${path}.client_secret`, 'is required for this method (or client_secret_env, client_secret_file)');
  return {
    client_id: text(raw.client_id, `${path}.client_id`) as string,
    method: method as ClientMethod,
    claims_redirect_uris: list(raw.claims_redirect_uris ?? [], `${path}.claims_redirect_uris`, text) as string[],
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(raw.name === undefined ? {} : { name: text(raw.name, `${path}.name`) as string }),
    ...(raw.redirect_uri === undefined
      ? {}
      : { redirect_uri: text(raw.redirect_uri, `${path}.redirect_uri`) as string }),
    ...(raw.private_jwk === undefined ? {} : { private_jwk: object(raw.private_jwk, `${path}.private_jwk`) }),
  };
}

function readPerson(value: unknown, path: string, sources: Sources): Person {
  const raw = object(value, path);
  const password = secretOf(raw, 'password', path, sources);
  if (password === undefined) throw fault(`${path}.password`, 'is required (or password_env, password_file)');
  return {
    username: text(raw.username, `${path}.username`) as string,
    password,
    ...(raw.name === undefined ? {} : { name: text(raw.name, `${path}.name`) as string }),
    ...(raw.subject === undefined ? {} : { subject: text(raw.subject, `${path}.subject`) as string }),
  };
}

function readIntrospection(value: unknown): ConformanceConfig['introspection'] {
  const { by = 'pat', members = {} } = object(value, 'introspection');
  if (by !== 'pat' && by !== 'client') throw fault('introspection.by', 'must be "pat" or "client"');
  return { by, members: object(members, 'introspection.members') as Record<string, string> };
}

function readOwnerSide(value: unknown): 'owner-api' | Recipes {
  if (value === 'owner-api') return value;
  const raw = object(value, 'owner_side');
  for (const [name, steps] of Object.entries(raw)) {
    if (!['allow', 'withdraw', 'approve', 'deny'].includes(name))
      throw fault(`owner_side.${name}`, 'must be allow, withdraw, approve or deny');
    for (const [index, step] of (list(steps, `owner_side.${name}`, object) as Record<string, unknown>[]).entries()) {
      text(step.method, `owner_side.${name}[${index}].method`);
      text(step.url, `owner_side.${name}[${index}].url`);
    }
  }
  return raw as Recipes;
}

/** The secret itself, or the variable (`_env`) or file (`_file`) that has it. */
function secretOf(raw: Record<string, unknown>, member: string, path: string, sources: Sources): string | undefined {
  const at = (suffix: string) => `${path === '' ? '' : `${path}.`}${member}${suffix}`;
  if (raw[member] !== undefined) return text(raw[member], at('')) as string;
  if (raw[`${member}_env`] !== undefined) {
    const name = text(raw[`${member}_env`], at('_env')) as string;
    const value = sources.environment[name];
    if (value === undefined || value === '') throw fault(at('_env'), `names the variable ${name}, which is not set`);
    return value;
  }
  if (raw[`${member}_file`] === undefined) return undefined;
  return sources.readFile(text(raw[`${member}_file`], at('_file')) as string).trimEnd();
}

const text: Reader = (value, path) => {
  if (typeof value === 'string' && value !== '') return value;
  throw fault(path, 'must be a non-empty string');
};

function object(value: unknown, path: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw fault(path, 'must be an object');
}

function list(value: unknown, path: string, read: Reader): unknown[] {
  if (!Array.isArray(value)) throw fault(path, 'must be an array');
  return value.map((item, index) => read(item, `${path}[${index}]`));
}

function fault(path: string, what: string): UmaError {
  return new UmaError('config', 'invalid_config', `conformance configuration: ${path === '' ? 'it' : path} ${what}`, {
    hint: '`uma conformance --init` writes a commented example',
  });
}

/** Leaves strings alone; `//` to the end of the line and a comma before `}` or `]` go. */
function stripComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*/g, (_all, string: string | undefined) => string ?? '')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_all, string: string | undefined) => string ?? '');
}
