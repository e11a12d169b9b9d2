/**
 * config/: what an operator decides about the server. `schema.ts` is the JSON file of `uma serve --config FILE`, `load.ts` reads
 * it, `resolve.ts` checks what a schema cannot say and fills the defaults in, `walkthrough.ts` is the configuration without a file.
 * Knows nothing of routes and stores; imports `protocol` and the types of its neighbours.
 *
 * This file: the configuration that the server starts with. Complete: nothing in it has to be looked up or defaulted again.
 */
import type { Party, PolicyDescription, PolicySubject } from '../../protocol/owner.ts';
import type { ResourceDescription } from '../../protocol/resource.ts';
import { type AuthorizationSettings, DEFAULT_SETTINGS, JWT_RPT_TTL } from '../authorization/settings.ts';
import type { Person, PublicKeys, TokenLifetimes, TrustedIssuer } from './parts.ts';

/** The client of the owner's console (oauth/browser-session.ts); a configured one cannot have this name. */
export const CONSOLE_ID = 'uma-console';

export interface ConfiguredPerson extends Person {
  given_name?: string;
  family_name?: string;
  /** argon2id in PHC form; absent = cannot sign in with a password. */
  password_hash?: string;
  /** A password alone never signs this person in. */
  second_factor?: true;
}

export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';

export interface ConfiguredClient {
  client_id: string;
  client_secret?: string;
  name?: string;
  /** `native` (RFC 8252: any port of a loopback address) when every redirect URI is a loopback one. */
  application_type: 'native' | 'web';
  redirect_uris: string[];
  /** UMA Grant 3.3.2. */
  claims_redirect_uris: string[];
  grant_types: string[];
  token_endpoint_auth_method: ClientAuthentication;
  /** RegisteredScopes (UMA Grant 3.3.4); absent = every scope. */
  uma_scopes?: string[];
  /** May get the scope `uma_owner`. */
  first_party: boolean;
  /** Seconds that access tokens live; absent = as `lifetimes` say. */
  access_token_ttl?: number;
  /** Of a resource server (ATK-03); absent = not checked. */
  origins?: string[];
  jwks?: PublicKeys;
}

export interface ConfiguredResource {
  /** Given, or made from owner, resource server and name, so that it is the same after every start. */
  id: string;
  /** Subject. */
  owner: string;
  /** Client id of the resource server. */
  rs: string;
  description: ResourceDescription;
}

/** Somebody of this server, whose issuer is known only when it runs. */
export interface LocalParty {
  local_sub: string;
  name?: string;
}

export interface ConfiguredPolicy extends Omit<PolicyDescription, 'subject'> {
  /** Made from the policy's content: the same after every start. */
  id: string;
  /** Subject of the resource's owner. */
  owner: string;
  subject: PolicySubject | { party: LocalParty };
}

export interface ServerConfig {
  people: ConfiguredPerson[];
  clients: ConfiguredClient[];
  resources: ConfiguredResource[];
  policies: ConfiguredPolicy[];
  trusted_issuers: TrustedIssuer[];
  /** Seconds. */
  lifetimes: TokenLifetimes;
  settings: AuthorizationSettings;
  /** Origins that browsers may call from. */
  cors_origins: string[];
  /** RFC 6749 4.3. */
  password_grant: boolean;
  /** Introspection by GET with the token in the query, which ends up in logs. */
  introspection_get: boolean;
  /** Present = clients may register themselves (RFC 7591), where a hash is given only with that initial access token. */
  registration?: { initial_access_token_hash?: string };
}

/** What the command line decides over the file. Seconds. */
export interface ConfigOverrides {
  ticket_ttl?: number | undefined;
  rpt_ttl?: number | undefined;
  rpt_format?: AuthorizationSettings['rpt_format'] | undefined;
}

/** Signatures of claim tokens that a trusted issuer may use. */
export const DEFAULT_ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

export const DEFAULT_LIFETIMES: TokenLifetimes = {
  access_token: 3600,
  id_token: 3600,
  refresh_token: DEFAULT_SETTINGS.refresh_ttl,
  authorization_code: 60,
  device_code: 600,
  session: 14 * 86_400,
};

/** Defaults, then the file, then the command line; a JWT RPT lives shorter unless one of them says how long. */
export function settingsFrom(
  given: Partial<AuthorizationSettings>,
  overrides: ConfigOverrides = {},
): AuthorizationSettings {
  const decided: Partial<AuthorizationSettings> = { ...present(given), ...present(overrides) };
  const jwt = decided.rpt_format === 'jwt' ? { rpt_ttl: JWT_RPT_TTL } : {};
  return { ...DEFAULT_SETTINGS, ...jwt, ...decided };
}

/** A configured policy as the owner's API would have taken it, at the issuer that the server now has. */
export function descriptionOf(policy: ConfiguredPolicy, issuer: string): PolicyDescription {
  const { id: _id, owner: _owner, subject, ...rest } = policy;
  if (!('party' in subject) || 'iss' in subject.party) return { ...rest, subject: subject as PolicySubject };
  const { local_sub, name } = subject.party;
  const party: Party = { iss: issuer, sub: local_sub, ...(name === undefined ? {} : { name }) };
  return { ...rest, subject: { party } };
}

/** Without the members that are there but undefined, which would hide a default. */
const present = <T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
