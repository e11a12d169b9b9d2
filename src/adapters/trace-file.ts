/** Rewrites a file that several commands of a pipe may add to at once: one after the other, and never half written. */
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UmaError } from '../protocol/errors.ts';

/** Milliseconds between two looks at a lock, until it is given up, and after which its owner must have died. */
const LOOK = 15;
const PATIENCE = 5_000;
const DEAD = 10_000;

/**
 * Replaces the file's text by what `update` makes of it (undefined: there was none), readable by its owner only.
 * @throws UmaError `unwritable_file` (usage); what `update` throws, the file being left as it was.
 */
export async function updateFile(path: string, update: (before: string | undefined) => string): Promise<void> {
  const lock = `${path}.lock`;
  try {
    await take(lock);
    try {
      const fresh = `${path}.${process.pid}`;
      await writeFile(fresh, update(await textOf(path)), { mode: 0o600 });
      await rename(fresh, path);
    } finally {
      await rm(lock, { force: true });
    }
  } catch (error) {
    if (error instanceof UmaError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UmaError('usage', 'unwritable_file', `the trace ${path} cannot be written (${code})`, {
      hint: code === 'EEXIST' ? `no other uma running? then remove ${lock}` : '--trace takes the name of a file',
    });
  }
}

async function take(lock: string): Promise<void> {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      await (await open(lock, 'wx')).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > end) throw error;
    }
    const made = (await stat(lock).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - made > DEAD) await rm(lock, { force: true });
    else await sleep(LOOK);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
