/** Reads the configuration file of `uma serve --config FILE`. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UmaError } from '../../protocol/errors.ts';
import { parseUniqueJson } from '../../protocol/json.ts';
import { readPrivate } from '../private-file.ts';
import type { ConfigOverrides, ServerConfig } from './config.ts';
import { ConfigFault, faultOfFile, invalidConfig } from './faults.ts';
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
 * @throws UmaError of category `config`: `invalid_config` names the file, the path in it and what was expected; `file_open_to_others`.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<ServerConfig> {
  const { overrides = {}, env = process.env, readableFiles: readable } = options;
  const value = parse(path, read(path, readable));
  const fault = faultOfFile(value);
  if (fault !== undefined) throw invalidConfig(path, fault);
  const file = value as ConfigFile;
  const surroundings = {
    readText: (name: string) => readFile(resolve(dirname(path), name), 'utf8'),
    readSecret: async (name: string) =>
      readPrivate(resolve(dirname(path), name), { holds: 'a client secret', readable }),
    variable: (name: string) => env[name],
  };
  try {
    return await resolveConfig(file, surroundings, overrides);
  } catch (error) {
    if (error instanceof ConfigFault) throw invalidConfig(path, { path: error.path, fault: error.message });
    throw error;
  }
}

function read(path: string, readable: boolean | undefined): string {
  try {
    return readPrivate(path, { holds: 'who may sign in, and how', readable });
  } catch (error) {
    if (error instanceof UmaError) throw error;
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
