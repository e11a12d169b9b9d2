/** Where issuer, roles and operation data come from. Who the roles are: DESIGN "Roles", with names in roles.ts. */
import type { ClientCredentials } from '../protocol/http.ts';
import type { PipedInput } from './input.ts';

/** Which source won; `uma profile show --origin` prints it. */
export type Origin = 'flag' | 'stdin' | 'environment' | 'project file' | 'profile' | 'demo' | 'default';

export interface Setting<T> {
  value: T;
  origin: Origin;
}

export const ENDPOINT_NAMES = [
  'token_endpoint',
  'permission_endpoint',
  'resource_registration_endpoint',
  'introspection_endpoint',
  'authorization_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
  'resource_owner_endpoint',
  'jwks_uri',
] as const;
export type EndpointName = (typeof ENDPOINT_NAMES)[number];

/** Data of one operation: flag, standard input, environment, project file, profile. */
export type OperandName =
  | 'ticket'
  | 'resource'
  | 'scope'
  | 'pat'
  | 'rpt'
  | 'pct'
  | 'claim_token'
  | 'owner_token'
  | 'token';

export interface Person {
  name: string;
  /** A password file was named by flag: it is tried, whatever tokens are kept. */
  insists: boolean;
  /** Environment, `--...-password-file`, credentials file, the demo, or a prompt. @throws UmaError `cannot_prompt`. */
  password(): Promise<string>;
}

export interface AskOptions {
  /** False: throw UmaError `no_secret` (config) rather than prompt for a secret. */
  ask?: boolean;
}

export interface Settings {
  /** The name of the profile in use (`demo` when none was made or named). */
  profile: Setting<string>;
  /** @throws UmaError `no_issuer` (config) when nobody named one. Never from standard input. */
  issuer(): Setting<string>;
  /** `auto`, or a dialect's name. */
  dialect(): Setting<string>;
  /** Endpoints given by hand; they win over discovery. */
  endpoints(): Partial<Record<EndpointName, string>>;
  /** @throws UmaError `no_owner` (usage) naming flag and variable. */
  owner(): Person;
  /** @throws UmaError `no_party`. */
  party(): Person;
  /** The resource server's client with its secret. @throws UmaError `no_rs_client` (config) or `cannot_prompt`. */
  rsClient(options?: AskOptions): Promise<ClientCredentials>;
  /** The requesting party's client with its secret. @throws UmaError `no_client` or `cannot_prompt`. */
  client(options?: AskOptions): Promise<ClientCredentials>;
  /** The public client for the owner's sign-in. @throws UmaError `no_app` (config). */
  app(): ClientCredentials;
  /** The first that is there of: `flag`, what standard input said (its member of that name, or a string picked from it), environment (UMA_TICKET, UMA_PAT, ...), project file, profile. */
  operand(name: OperandName, flag: string | undefined, piped?: PipedInput | string): Setting<string> | undefined;
  /** Every setting that is known, and which source won; no secrets. */
  effective(): Record<string, Setting<string>>;
  /**
   * Decision 11: an `as_uri` that a peer or a pipe named must be the issuer in use, or be named by `--trust-as`.
   * @throws UmaError `untrusted_as` (config, exit 3) naming both; nothing has been sent then.
   */
  checkTrust(as_uri: string): void;
}
