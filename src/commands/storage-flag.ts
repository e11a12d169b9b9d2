/** `--insecure-storage`, for the commands that put secrets or tokens away. */
import type { FlagSpec } from '../cli/command.ts';

export const INSECURE_STORAGE: FlagSpec = {
  flags: '--insecure-storage',
  description: 'keep secrets and tokens in files that only you can read, from now on, though there may be a keyring',
};
