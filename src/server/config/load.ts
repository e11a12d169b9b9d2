/** Reads the configuration file of `uma serve --config FILE`. */
import { open, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseUniqueJson } from '../../protocol/json.ts';
import type { ConfigOverrides, ServerConfig } from './config.ts';
import { ConfigFault, faultOfFile, invalidConfig } from './faults.ts';
import { resolveConfig } from './resolve.ts';
import type { ConfigFile } from './schema.ts';

export interface LoadOptions {
  /** What the command line decides over the file. */
  overrides?: ConfigOverrides | undefined;
  /** For `client_secret_env`; the process's own when absent. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The configuration in a file, with everything it refers to.
 * @throws UmaError `invalid_config` (category `config`) that names the file, the path in it and what was expected.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<ServerConfig> {
  const { text, mode } = await readWithMode(path);
  const value = parse(path, text);
  const fault = faultOfFile(value);
  if (fault !== undefined) throw invalidConfig(path, fault);
  const file = value as ConfigFile;
  refuseOpenSecrets(path, mode, file);
  const { overrides = {}, env = process.env } = options;
  const surroundings = {
    readText: (name: string) => readFile(resolve(dirname(path), name), 'utf8'),
    variable: (name: string) => env[name],
  };
  try {
    return await resolveConfig(file, surroundings, overrides);
  } catch (error) {
    if (error instanceof ConfigFault) throw invalidConfig(path, { path: error.path, fault: error.message });
    throw error;
  }
}

/** Text and mode of the same file: between two look-ups by name it could be replaced. */
async function readWithMode(path: string): Promise<{ text: string; mode: number }> {
  try {
    await using file = await open(path);
    const { mode } = await file.stat();
    return { text: await file.readFile('utf8'), mode };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw invalidConfig(path, { path: '', fault: `cannot be read (${reason})` });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return parseUniqueJson(text);
  } catch (error) {
    // The engine's own message quotes the text, which may be a secret: only the place is taken from it.
    const message = error instanceof Error ? error.message : '';
    const place = /line \d+ column \d+/.exec(message)?.[0];
    const repeated = /^the member ".*" appears more than once$/s.exec(message)?.[0];
    const where = place === undefined ? '' : ` (${place})`;
    throw invalidConfig(path, {
      path: '',
      fault: repeated ? `must be unambiguous: ${repeated}` : `must be JSON${where}`,
    });
  }
}

function refuseOpenSecrets(path: string, mode: number, { people = [], clients = [] }: ConfigFile): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  const person = people.findIndex(({ password }) => password !== undefined);
  const client = clients.findIndex(({ client_secret }) => client_secret !== undefined);
  if (person === -1 && client === -1) return;
  const place = person === -1 ? `clients[${client}].client_secret` : `people[${person}].password`;
  const bits = (mode & 0o777).toString(8).padStart(4, '0');
  throw invalidConfig(
    path,
    { path: place, fault: `is a secret, so the file must be readable by its owner only, but its mode is ${bits}` },
    `run \`chmod 600 ${path}\`, or keep secrets in client_secret_file, client_secret_env and password_hash`,
  );
}
