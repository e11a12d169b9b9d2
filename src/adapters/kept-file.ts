/** A JSON file of the user's own: 0600 in a directory of 0700, replaced as a whole (conf). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UmaError } from '../protocol/errors.ts';
import { makeDirectory } from './directory.ts';

export interface KeptFile<T extends object> {
  path: string;
  /** Empty where there is no file. @throws UmaError `invalid_config_file` (config) naming it. */
  read(): Promise<T>;
  write(value: T): Promise<void>;
}

/** What is used of conf. */
interface Store<T extends object> {
  get store(): T;
  set store(value: T);
}

export function keptFile<T extends object>(directory: string, name: string): KeptFile<T> {
  const path = join(directory, `${name}.json`);
  let opened: Promise<Store<T>> | undefined;
  const open = () => {
    opened ??= openFile<T>(directory, name, path);
    return opened;
  };
  return {
    path,
    // conf takes as long to load as the rest of a command: only for writing.
    read: async () => (opened === undefined ? readPlain<T>(path) : (await open()).store),
    async write(value) {
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
async function openFile<T extends object>(directory: string, name: string, path: string): Promise<Store<T>> {
  const { default: Conf } = await import('conf');
  try {
    makeDirectory(directory);
    const file = new Conf<Record<string, unknown>>({
      cwd: directory,
      configName: name,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    });
    void file.store;
    return file as unknown as Store<T>;
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
