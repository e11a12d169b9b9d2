/**
 * Where Node keeps compiled code between two starts: the user's own cache directory. Node's default lies in the directory for
 * temporary files, where another user of the machine may have put code before us.
 */
import { existsSync } from 'node:fs';

/** An absolute path; undefined (Node's default) where the environment names no place of the user's, or a home that is not there. */
export function compileCacheDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = env;
  const base = platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME || (HOME && existsSync(HOME) && `${HOME}/.cache`);
  return base ? `${base}/uma/compiled` : undefined;
}
