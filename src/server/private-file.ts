/** Files with secrets in them are for the server's own user: one that others can read or change is refused. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { UmaError } from '../protocol/errors.ts';

export interface PrivateFile {
  /** What is in it, for the message: `the TLS key`. */
  holds: string;
  /** True: taken as it is (`--allow-readable-files`). */
  readable: boolean | undefined;
}

/**
 * The text of a file; its mode is that of what was read, not of a name that somebody could point elsewhere in between.
 * @throws UmaError of category `config`: `file_open_to_others`; the system's error when it cannot be read.
 */
export function readPrivate(path: string, about: PrivateFile): string {
  const file = openSync(path, 'r');
  try {
    refuseOpen(path, fstatSync(file), about);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** @throws UmaError as {@link readPrivate}; nothing where there is no such file. */
export function checkPrivate(path: string, about: PrivateFile): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) refuseOpen(path, found, about);
}

/** A group may read what root has laid down for it. What is no regular file (a pipe of the shell) has no mode that says anything. */
function refuseOpen(path: string, stats: Stats, { holds, readable }: PrivateFile): void {
  if (readable === true || process.platform === 'win32' || !stats.isFile()) return;
  const ofRoot = stats.uid === 0 && process.getuid?.() !== 0;
  if ((stats.mode & (ofRoot ? 0o037 : 0o077)) === 0) return;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  throw new UmaError(
    'config',
    'file_open_to_others',
    `${path} holds ${holds}, and its mode ${mode} opens it to others`,
    {
      hint: `run \`chmod 600 ${path}\`; where a mode cannot be set, as with secrets mounted into a container: --allow-readable-files`,
    },
  );
}
