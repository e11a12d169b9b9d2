/** What a profile holds, and the port through which profiles are kept (adapters/settings-store.ts). */
import type { EndpointName } from './settings.ts';

export interface ProfileClient {
  id: string;
  /** How it proves itself; default client_secret_basic, `none` for a public client. */
  auth?: 'client_secret_basic' | 'client_secret_post' | 'none';
}

/** No secrets here: they stand in the credentials file under `{profile}` and role. */
export interface Profile {
  issuer?: string;
  dialect?: string;
  endpoints?: Partial<Record<EndpointName, string>>;
  rs?: ProfileClient;
  client?: ProfileClient;
  app?: ProfileClient;
  owner?: string;
  party?: string;
  resource?: string;
  scope?: string;
}

/** Its members, in the order of help. */
export const PROFILE_FIELDS: readonly (keyof Profile)[] = [
  'issuer',
  'dialect',
  'endpoints',
  'rs',
  'client',
  'app',
  'owner',
  'party',
  'resource',
  'scope',
];

export interface SettingsStore {
  /** Where the file is, or would be. */
  path: string;
  /** Names in order, and the current one; both empty when no file exists. */
  list(): Promise<{ names: string[]; current: string | undefined }>;
  get(name: string): Promise<Profile | undefined>;
  put(name: string, profile: Profile): Promise<void>;
  delete(name: string): Promise<boolean>;
  use(name: string): Promise<void>;
  /** A secret of a profile: `rs`, `client`, or `person:alice`. */
  secret(profile: string, key: string): Promise<string | undefined>;
  /** Undefined forgets it. */
  putSecret(profile: string, key: string, secret: string | undefined): Promise<void>;
}
