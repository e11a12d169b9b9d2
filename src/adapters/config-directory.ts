/** Where the user's own files are: `UMA_CONFIG_DIR` > `XDG_CONFIG_HOME/uma` > what the platform has for it. */
import { join } from 'node:path';
import type { Io } from '../cli/io.ts';

export function configDirectory({ env, platform, home }: Pick<Io, 'env' | 'platform' | 'home'>): string {
  const { UMA_CONFIG_DIR, XDG_CONFIG_HOME, APPDATA } = env;
  if (UMA_CONFIG_DIR) return UMA_CONFIG_DIR;
  if (XDG_CONFIG_HOME) return join(XDG_CONFIG_HOME, 'uma');
  if (platform === 'win32') return join(APPDATA || join(home, 'AppData', 'Roaming'), 'uma');
  if (platform === 'darwin') return join(home, 'Library', 'Preferences', 'uma');
  return join(home, '.config', 'uma');
}
