/** From the file as written to the configuration: what a schema cannot say is checked, references resolved, defaults filled in. */

import { hash } from 'node:crypto';
import { difference } from '../../protocol/scopes.ts';
import {
  CONSOLE_ID,
  type ConfigOverrides,
  type ConfiguredClient,
  type ConfiguredPerson,
  type ConfiguredPolicy,
  type ConfiguredResource,
  DEFAULT_ALGORITHMS,
  DEFAULT_LIFETIMES,
  type LocalParty,
  type ServerConfig,
  settingsFrom,
} from './config.ts';
import { ConfigFaults, type Fault } from './faults.ts';
import type { TrustedIssuer } from './parts.ts';
import { hashPassword, isPasswordHash } from './passwords.ts';
import {
  checkOrigin,
  checkPublic,
  isLoopback,
  NO_KEYS,
  parseJwks,
  personNamed,
  type Report,
  textOf,
} from './references.ts';
import type { ConfigFile } from './schema.ts';

/** What lies outside the file. Both throw when there is nothing. */
export interface Surroundings {
  /** Text of a file, its name relative to the configuration file. */
  readText(name: string): Promise<string>;
  /** The same for a file that must be nobody else's. */
  readSecret(name: string): Promise<string>;
  variable(name: string): string | undefined;
}

type Item<Name extends 'people' | 'clients' | 'resources' | 'policies' | 'trusted_issuers'> = NonNullable<
  ConfigFile[Name]
>[number];

/** @throws ConfigFaults all that were found. */
export async function resolveConfig(
  file: ConfigFile,
  surroundings: Surroundings,
  overrides: ConfigOverrides,
): Promise<ServerConfig> {
  const { lifetimes = {}, settings = {} } = file;
  const faults: Fault[] = [];
  const report: Report = (path, fault) =>
    void faults.push(typeof fault === 'string' ? { path, fault } : { path, fault: fault.message, error: fault });
  const people = await Promise.all(
    (file.people ?? []).map((person, index) => resolvePerson(person, `people[${index}]`, report)),
  );
  // Absent, a sub is the username: no second word about the same pair.
  if (unique('people', 'username', people, report)) unique('people', 'sub', people, report);
  const clients = await Promise.all(
    (file.clients ?? []).map((client, index) => resolveClient(client, `clients[${index}]`, surroundings, report)),
  );
  unique('clients', 'client_id', clients, report);
  const ours = clients.findIndex(({ client_id }) => client_id === CONSOLE_ID);
  if (ours >= 0)
    report(`clients[${ours}].client_id`, `must be another: "${CONSOLE_ID}" is the owner's console of this server`);
  const known = { people, clients };
  const resources = (file.resources ?? []).map((item, index) =>
    resolveResource(item, `resources[${index}]`, known, report),
  );
  unique('resources', 'id', resources, report);
  const policies = (file.policies ?? []).map((policy, index) =>
    resolvePolicy(policy, `policies[${index}]`, people, resources, report),
  );
  const trusted_issuers = await Promise.all(
    (file.trusted_issuers ?? []).map((item, index) =>
      resolveIssuer(item, `trusted_issuers[${index}]`, surroundings, report),
    ),
  );
  unique('trusted_issuers', 'issuer', trusted_issuers, report);
  (file.cors_origins ?? []).forEach((origin, index) => {
    checkOrigin(origin, `cors_origins[${index}]`, report);
  });
  // Files are read at the same time: not in the order in which they were found.
  faults.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  if (faults.length > 0) throw new ConfigFaults(faults);
  const { ticket, rpt, pct, denial, ...tokens } = lifetimes;
  const resolvedLifetimes = { ...DEFAULT_LIFETIMES, ...tokens };
  return {
    people,
    clients,
    resources,
    policies,
    trusted_issuers,
    lifetimes: resolvedLifetimes,
    settings: settingsFrom(
      {
        ...settings,
        refresh_ttl: resolvedLifetimes.refresh_token,
        ...(ticket === undefined ? {} : { ticket_ttl: ticket }),
        ...(rpt === undefined ? {} : { rpt_ttl: rpt }),
        ...(pct === undefined ? {} : { pct_ttl: pct }),
        ...(denial === undefined ? {} : { denial_ttl: denial }),
      },
      overrides,
    ),
    cors_origins: file.cors_origins ?? [],
    password_grant: file.password_grant ?? false,
    introspection_get: file.introspection_get ?? false,
    ...(file.registration === undefined ? {} : { registration: file.registration }),
  };
}

function unique<Name extends string>(
  list: string,
  member: Name,
  items: readonly Record<Name, string>[],
  report: Report,
): boolean {
  const seen = new Map<string, number>();
  for (const [index, { [member]: value }] of items.entries()) {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, index);
    else report(`${list}[${index}].${member}`, `must be unique: "${value}" is also ${list}[${first}]`);
  }
  return seen.size === items.length;
}

async function resolvePerson(
  { password, ...person }: Item<'people'>,
  path: string,
  report: Report,
): Promise<ConfiguredPerson> {
  if (password !== undefined && person.password_hash !== undefined)
    report(`${path}.password`, 'must not stand beside password_hash');
  if (person.password_hash !== undefined && !isPasswordHash(person.password_hash))
    report(
      `${path}.password_hash`,
      'must be an argon2id hash in PHC form ($argon2id$v=19$m=...,t=...,p=...$salt$hash)',
    );
  const hashed = password === undefined ? {} : { password_hash: await hashPassword(password) };
  return { sub: person.username, ...person, ...hashed };
}

async function resolveClient(
  client: Item<'clients'>,
  path: string,
  { readSecret, variable }: Surroundings,
  report: Report,
): Promise<ConfiguredClient> {
  const { client_secret, client_secret_file, client_secret_env, ...rest } = client;
  const given = (['client_secret', 'client_secret_file', 'client_secret_env'] as const).filter(
    (member) => client[member] !== undefined,
  );
  if (given.length > 1) report(`${path}.${given[1]}`, `must not stand beside ${given[0]}`);
  let secret = client_secret;
  // Empty from here on = a fault that was reported.
  if (client_secret_env !== undefined) secret = variable(client_secret_env) ?? '';
  if (client_secret_file !== undefined)
    secret = await textOf(`${path}.client_secret_file`, client_secret_file, readSecret, report);
  if (secret !== undefined) secret = secret.replace(/\r?\n$/, '');
  if (secret === '') {
    const what = client_secret_env === undefined ? 'a file with a secret in it' : 'an environment variable that is set';
    report(`${path}.${given[0]}`, `must name ${what}`);
  }
  if (given.length > 0) secret ??= '';

  const method =
    client.token_endpoint_auth_method ??
    (secret !== undefined ? 'client_secret_basic' : client.jwks !== undefined ? 'private_key_jwt' : 'none');
  const bySecret = method === 'client_secret_basic' || method === 'client_secret_post';
  if (bySecret && secret === undefined)
    report(`${path}.client_secret`, `(or client_secret_file, client_secret_env) is required for ${method}`);
  if (!bySecret && secret !== undefined) report(`${path}.${given[0]}`, `must be absent for ${method}`);
  if (method === 'private_key_jwt' && client.jwks === undefined)
    report(`${path}.jwks`, 'is required for private_key_jwt');
  if (client.jwks !== undefined) checkPublic(client.jwks, `${path}.jwks`, report);

  const { redirect_uris = [], claims_redirect_uris = [], grant_types = ['authorization_code'] } = client;
  for (const [member, uris] of Object.entries({ redirect_uris, claims_redirect_uris })) {
    uris.forEach((uri, index) => {
      if (!URL.canParse(uri) || uri.includes('#'))
        report(`${path}.${member}[${index}]`, 'must be an absolute URI without a fragment');
    });
  }
  if (grant_types.includes('authorization_code') && redirect_uris.length === 0)
    report(`${path}.redirect_uris`, 'is required for the grant authorization_code');
  client.origins?.forEach((origin, index) => {
    checkOrigin(origin, `${path}.origins[${index}]`, report);
  });
  return {
    ...rest,
    ...(secret === undefined ? {} : { client_secret: secret }),
    application_type: redirect_uris.length > 0 && redirect_uris.every(isLoopback) ? 'native' : 'web',
    redirect_uris,
    claims_redirect_uris,
    grant_types,
    token_endpoint_auth_method: method,
    first_party: client.first_party ?? false,
  };
}

function resolveResource(
  { id, owner, rs, ...description }: Item<'resources'>,
  path: string,
  { people, clients }: Pick<ServerConfig, 'people' | 'clients'>,
  report: Report,
): ConfiguredResource {
  const sub = personNamed(owner, `${path}.owner`, people, report)?.sub ?? owner;
  if (!clients.some((client) => client.client_id === rs))
    report(`${path}.rs`, `must be the client_id of one of the clients: "${rs}" is none`);
  return { id: id ?? stableId([sub, rs, description.name ?? null]), owner: sub, rs, description };
}

function resolvePolicy(
  { owner, subject, ...policy }: Item<'policies'>,
  path: string,
  people: readonly ConfiguredPerson[],
  resources: readonly ConfiguredResource[],
  report: Report,
): ConfiguredPolicy {
  const sub = personNamed(owner, `${path}.owner`, people, report)?.sub ?? owner;
  const resource = resources.find(({ id }) => id === policy.resource_id);
  if (resource === undefined) {
    report(`${path}.resource_id`, `must be the id of one of the resources: "${policy.resource_id}" is none`);
  } else {
    if (resource.owner !== sub) report(`${path}.owner`, `must be the owner of "${resource.id}"`);
    for (const scope of difference(policy.scopes ?? [], resource.description.resource_scopes))
      report(`${path}.scopes`, `must be scopes of the resource: "${scope}" is none of "${resource.id}"`);
  }
  const content = { ...policy, owner: sub, subject: resolveSubject(subject, `${path}.subject`, people, report) };
  return { id: stableId(content), ...content };
}

function resolveSubject(
  subject: Item<'policies'>['subject'],
  path: string,
  people: readonly ConfiguredPerson[],
  report: Report,
): ConfiguredPolicy['subject'] {
  if (subject.party === undefined) return subject as ConfiguredPolicy['subject'];
  const { username, iss, sub, name } = subject.party;
  const named = name === undefined ? {} : { name };
  if (username === undefined ? iss === undefined || sub === undefined : iss !== undefined || sub !== undefined)
    report(`${path}.party`, 'must have either username or both iss and sub');
  if (username === undefined) return { party: { iss: iss ?? '', sub: sub ?? '', ...named } };
  const person = personNamed(username, `${path}.party.username`, people, report);
  const party: LocalParty = {
    local_sub: person?.sub ?? username,
    ...(person?.name === undefined ? {} : { name: person.name }),
    ...named,
  };
  return { party };
}

async function resolveIssuer(
  item: Item<'trusted_issuers'>,
  path: string,
  { readText }: Surroundings,
  report: Report,
): Promise<TrustedIssuer> {
  const { issuer, jwks_uri, jwks_file, algorithms = DEFAULT_ALGORITHMS, audience } = item;
  const rest = { issuer, algorithms, ...(audience === undefined ? {} : { audience }) };
  if ([jwks_uri, jwks_file, item.jwks].filter((source) => source !== undefined).length !== 1) {
    report(path, 'must have exactly one of jwks_uri, jwks_file and jwks');
    return { ...rest, keys: { jwks: NO_KEYS } };
  }
  if (jwks_uri !== undefined) {
    if (!jwks_uri.startsWith('https://') && !isLoopback(jwks_uri))
      report(`${path}.jwks_uri`, 'must be an https address');
    return { ...rest, keys: { jwks_uri } };
  }
  const at = jwks_file === undefined ? `${path}.jwks` : `${path}.jwks_file`;
  const text = jwks_file === undefined ? undefined : await textOf(at, jwks_file, readText, report);
  const jwks = item.jwks ?? (text === undefined ? undefined : parseJwks(text, at, report));
  if (jwks !== undefined) checkPublic(jwks, at, report);
  return { ...rest, keys: { jwks: jwks ?? NO_KEYS } };
}

const stableId = (content: unknown): string => hash('sha256', JSON.stringify(content), 'base64url').slice(0, 22);
