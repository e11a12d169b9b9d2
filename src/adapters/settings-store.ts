/** Profiles in `config.json`, their secrets apart in `credentials.json`, as the vault keeps them. */
import type { Profile, SettingsStore } from '../cli/store.ts';
import { type KeptFile, keptFile } from './kept-file.ts';
import { type Kept, STORAGES, type Storage, type Vault } from './vault.ts';

export interface ConfigFile {
  current?: string;
  profiles?: Record<string, Profile>;
  /** Where secrets and tokens are sealed, once that was chosen. */
  storage?: string;
}
type CredentialsFile = Record<string, Record<string, Kept>>;

export const configFile = (directory: string): KeptFile<ConfigFile> => keptFile(directory, 'config');

/** The vault's memory of what was chosen, in the same file. */
export function storageMemory(config: KeptFile<ConfigFile>): {
  remembered(): Promise<Storage | undefined>;
  remember(storage: Storage): Promise<void>;
} {
  return {
    remembered: async () => {
      const { storage } = await config.read();
      return STORAGES.find((name) => name === storage);
    },
    remember: async (storage) => config.write({ ...(await config.read()), storage }),
  };
}

/** Without a vault it is for reading names. */
export function settingsStore(directory: string, config: KeptFile<ConfigFile>, vault?: Vault): SettingsStore {
  const credentials = keptFile<CredentialsFile>(directory, 'credentials');
  const about = (profile: string, key: string) => JSON.stringify([profile, key]);
  const read = async (name: string) => {
    const { profiles = {} } = await config.read();
    return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  };
  return {
    path: config.path,
    async list() {
      const { profiles = {}, current } = await config.read();
      return { names: Object.keys(profiles).sort(), current };
    },
    get: read,
    async put(name, profile) {
      const before = await config.read();
      await config.write({ current: name, ...before, profiles: { ...before.profiles, [name]: profile } });
    },
    async delete(name) {
      const { profiles = {}, ...rest } = await config.read();
      if (!Object.hasOwn(profiles, name)) return false;
      const { [name]: _gone, ...left } = profiles;
      const { [name]: _secrets, ...secretsLeft } = await credentials.read();
      await credentials.write(secretsLeft);
      if (rest.current === name) delete rest.current;
      await config.write({ ...rest, profiles: left });
      return true;
    },
    async use(name) {
      await config.write({ ...(await config.read()), current: name });
    },
    async secret(profile, key) {
      const all = await credentials.read();
      const kept = Object.hasOwn(all, profile) ? all[profile]?.[key] : undefined;
      return kept === undefined || vault === undefined ? undefined : vault.reveal(kept, about(profile, key));
    },
    async putSecret(profile, key, secret) {
      const kept =
        secret === undefined || vault === undefined
          ? undefined
          : await vault.protect(secret, about(profile, key), (await read(profile))?.issuer);
      const all = await credentials.read();
      const { [key]: _before, ...others } = all[profile] ?? {};
      if (kept === undefined && _before === undefined) return;
      await credentials.write({ ...all, [profile]: kept === undefined ? others : { ...others, [key]: kept } });
    },
  };
}
