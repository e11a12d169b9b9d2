/** A file that lines are added to, and nothing else: what is in it stays, whatever happens to this process. */
import { accessSync, closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UmaError } from '../../protocol/errors.ts';

export interface LineFile {
  /** Several processes may write to one file: each line goes out in one piece. */
  write(line: string): void;
  /** After the file was moved away: the next line begins a new one under its name. */
  reopen(): void;
  close(): void;
}

/**
 * @param failed told when a line cannot be written; the server goes on.
 * @throws UmaError `audit_log_unusable` (config).
 */
export function openLineFile(path: string, failed: (error: unknown) => void): LineFile {
  const open = () => openSync(path, 'a', 0o600);
  let file = usable(open);
  return {
    write(line) {
      try {
        writeSync(file, line);
      } catch (error) {
        failed(error);
      }
    },
    reopen() {
      try {
        const next = open();
        closeSync(file);
        file = next;
      } catch (error) {
        failed(error);
      }
    },
    close: () => closeSync(file),
  };
}

/** Whether {@link openLineFile} could write there; nothing is made. @throws UmaError as it. */
export function checkLineFile(path: string): void {
  usable(() => (existsSync(path) ? closeSync(openSync(path, 'a')) : accessSync(dirname(path), constants.W_OK)));
}

function usable<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw new UmaError('config', 'audit_log_unusable', `the audit log cannot be written: ${(cause as Error).message}`, {
      cause,
      hint: 'name a file in a directory that this user may write to, or - for standard output',
    });
  }
}
