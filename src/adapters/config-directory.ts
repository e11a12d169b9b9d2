/** Where the user's own files are. `UMA_CONFIG_DIR` > the variable of the XDG base directories > what the platform has for it. */
import { join } from 'node:path';
import type { Io } from '../cli/io.ts';

type Where = Pick<Io, 'env' | 'platform' | 'home'>;

/** Profiles, secrets and tokens. */
export function configDirectory({ env, platform, home }: Where): string {
  const { UMA_CONFIG_DIR, XDG_CONFIG_HOME, APPDATA } = env;
  if (UMA_CONFIG_DIR) return UMA_CONFIG_DIR;
  if (XDG_CONFIG_HOME) return join(XDG_CONFIG_HOME, 'uma');
  if (platform === 'win32') return join(APPDATA || join(home, 'AppData', 'Roaming'), 'uma');
  if (platform === 'darwin') return join(home, 'Library', 'Preferences', 'uma');
  return join(home, '.config', 'uma');
}

/** What the program writes down for itself and nobody would miss: the log of unexpected errors. */
export function stateDirectory({ env, platform, home }: Where): string {
  const { UMA_CONFIG_DIR, XDG_STATE_HOME, LOCALAPPDATA } = env;
  if (UMA_CONFIG_DIR) return UMA_CONFIG_DIR;
  if (XDG_STATE_HOME) return join(XDG_STATE_HOME, 'uma');
  if (platform === 'win32') return join(LOCALAPPDATA || join(home, 'AppData', 'Local'), 'uma');
  if (platform === 'darwin') return join(home, 'Library', 'Logs', 'uma');
  return join(home, '.local', 'state', 'uma');
}
