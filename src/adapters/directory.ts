/** Directories of the user's own. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory (0700) and those above it. One by one: Node's own way never ends where the file system has no place for them
 * (/proc). What keeps it from being made is said by whoever makes a file in it.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    // Another process made it, or nobody can.
  }
}
