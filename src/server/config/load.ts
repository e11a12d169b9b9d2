/** Reads the configuration file of `uma serve --config FILE`. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UmaError } from '../../protocol/errors.ts';
import { parseUniqueJson } from '../../protocol/json.ts';
import { readPrivate } from '../private-file.ts';
import type { ConfigOverrides, ServerConfig } from './config.ts';
import { ConfigFaults, type Fault, faultsOfFile, invalidConfig } from './faults.ts';
import { resolveConfig } from './resolve.ts';
import type { ConfigFile } from './schema.ts';

export interface LoadOptions {
  /** What the command line decides over the file. */
  overrides?: ConfigOverrides | undefined;
  /** For `client_secret_env`; the process's own when absent. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Also files that others can read (private-file.ts). */
  readableFiles?: boolean | undefined;
}

/**
 * The configuration in a file, with everything it refers to.
 * @throws UmaError of category `config`: `invalid_config` (InvalidConfig) names the file, the paths in it and what was expected there, first of the
 *   shape, then, once that is right, of what it means; `file_open_to_others` when that is all.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<ServerConfig> {
  const { overrides = {}, env = process.env, readableFiles: readable } = options;
  const { text, faults } = read(path, readable);
  const value = parse(text);
  if ('fault' in value) throw invalidConfig(path, [...faults, value]);
  faults.push(...faultsOfFile(value.json));
  if (faults.some(({ error }) => error === undefined)) throw invalidConfig(path, faults);
  const surroundings = {
    readText: (name: string) => readFile(resolve(dirname(path), name), 'utf8'),
    readSecret: async (name: string) =>
      readPrivate(resolve(dirname(path), name), { holds: 'a client secret', readable }),
    variable: (name: string) => env[name],
  };
  let config: ServerConfig | undefined;
  try {
    config = await resolveConfig(value.json as ConfigFile, surroundings, overrides);
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    faults.push(...error.faults);
  }
  if (config === undefined || faults.length > 0) throw invalidConfig(path, faults);
  return config;
}

/** A file whose mode opens it to others is refused, and looked at all the same: what else is wrong is told with it. */
function read(path: string, readable: boolean | undefined): { text: string; faults: Fault[] } {
  const holds = 'who may sign in, and how';
  try {
    return { text: readPrivate(path, { holds, readable }), faults: [] };
  } catch (error) {
    if (error instanceof UmaError)
      return {
        text: readPrivate(path, { holds, readable: true }),
        faults: [{ path: '', fault: error.message, error }],
      };
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw invalidConfig(path, [{ path: '', fault: `cannot be read (${reason})` }]);
  }
}

function parse(text: string): { json: unknown } | Fault {
  try {
    return { json: parseUniqueJson(text) };
  } catch (error) {
    // The engine's own message quotes the text, which may be a secret: only the place is taken from it.
    const message = error instanceof Error ? error.message : '';
    const place = /line \d+ column \d+/.exec(message)?.[0];
    const repeated = /^the member ".*" appears more than once$/s.exec(message)?.[0];
    const where = place === undefined ? '' : ` (${place})`;
    return { path: '', fault: repeated ? `must be unambiguous: ${repeated}` : `must be JSON${where}` };
  }
}
