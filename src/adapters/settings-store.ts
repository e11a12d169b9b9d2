/** Profiles in `config.json`, their secrets apart in `credentials.json`; both by conf, readable by their owner only. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile, SettingsStore } from '../cli/store.ts';
import { UmaError } from '../protocol/errors.ts';

interface ConfigFile {
  current?: string;
  profiles?: Record<string, Profile>;
}
type CredentialsFile = Record<string, Record<string, string>>;

/** What is used of conf. */
interface Kept<T extends object> {
  get store(): T;
  set store(value: T);
}

export function settingsStore(directory: string): SettingsStore {
  const config = keptFile<ConfigFile>(directory, 'config');
  const credentials = keptFile<CredentialsFile>(directory, 'credentials');
  return {
    path: join(directory, 'config.json'),
    async list() {
      const { profiles = {}, current } = await config.read();
      return { names: Object.keys(profiles).sort(), current };
    },
    async get(name) {
      const { profiles = {} } = await config.read();
      return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    },
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
      return Object.hasOwn(all, profile) ? all[profile]?.[key] : undefined;
    },
    async putSecret(profile, key, secret) {
      const all = await credentials.read();
      const { [key]: _before, ...others } = all[profile] ?? {};
      if (secret === undefined && _before === undefined) return;
      await credentials.write({ ...all, [profile]: secret === undefined ? others : { ...others, [key]: secret } });
    },
  };
}

function keptFile<T extends object>(directory: string, name: string) {
  const path = join(directory, `${name}.json`);
  let opened: Promise<Kept<T>> | undefined;
  const open = () => {
    opened ??= openFile<T>(directory, name, path);
    return opened;
  };
  return {
    // conf takes as long to load as the rest of a command: only for writing.
    read: async (): Promise<T> => (opened === undefined ? readPlain<T>(path) : (await open()).store),
    write: async (value: T): Promise<void> => {
      if (opened === undefined && !existsSync(path) && Object.keys(value).length === 0) return;
      (await open()).store = value;
    },
  };
}

/** What conf wrote, which is JSON. @throws UmaError `invalid_config_file` (config) naming the file. */
function readPlain<T extends object>(path: string): T {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
    throw new Error('it holds no JSON object');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {} as T;
    throw unusable(path, error);
  }
}

/** @throws UmaError `invalid_config_file` (config) naming the file. */
async function openFile<T extends object>(directory: string, name: string, path: string): Promise<Kept<T>> {
  const { default: Conf } = await import('conf');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = new Conf<Record<string, unknown>>({
      cwd: directory,
      configName: name,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    });
    void file.store;
    return file as unknown as Kept<T>;
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): UmaError {
  // The engine's message about bad JSON would quote the text, which may hold secrets.
  const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message.split('\n')[0];
  return new UmaError('config', 'invalid_config_file', `${path} cannot be used: ${why}`, {
    hint: 'mend or remove the file, or name another directory by UMA_CONFIG_DIR',
    cause,
  });
}
