import { UmaError } from '../../../protocol/errors.ts';

/** SQLite's primary result codes that speak of the moment, not of the statement: what to look at, in words. */
const PASSING: Readonly<Record<number, string>> = {
  5: 'another process holds it for too long',
  8: 'it cannot be written to: look at the rights and the mount of the data directory',
  10: 'its disk fails: look at space, limits and health of the disk of the data directory',
  13: 'its disk is full: make room where the data directory is',
  14: 'its files cannot be opened: look at the data directory and the limit of open files',
};

/**
 * What a caller is to see: a fault as it is; anything that a later try may not meet (no space, a disk that fails, a lock that was
 * not to be had) as {@link UmaError} `store_unavailable` of category `network`.
 */
export function failure(error: unknown): unknown {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  const why = typeof code === 'number' ? PASSING[code & 0xff] : undefined;
  if (why === undefined) return error;
  return new UmaError('network', 'store_unavailable', `the database does not serve: ${why}`, { cause: error });
}
