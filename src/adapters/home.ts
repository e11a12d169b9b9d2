/** The user's home and the working directory, also where the environment (a container, a service) names neither. */
import { userInfo } from 'node:os';

/** Never the working directory: profiles and tokens do not belong among somebody's files. */
export function homeDirectory(env: Readonly<Record<string, string | undefined>>): string {
  return env.HOME || env.USERPROFILE || accountHome();
}

/** The root where the user has no account (a container's `--user 1234`): what cannot be written there is not kept. */
function accountHome(): string {
  try {
    return userInfo().homedir || '/';
  } catch {
    return '/';
  }
}

/** A shell can stand in a directory that is gone: relative paths then find nothing, and nothing else is wrong. */
export function workingDirectory(env: Readonly<Record<string, string | undefined>>): string {
  try {
    return process.cwd();
  } catch {
    return env.PWD || '/';
  }
}
