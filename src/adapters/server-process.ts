/** What Node sizes for any program, sized for a server that answers small requests. Only for the command: a library leaves its process alone. */
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/**
 * Threads for work beside JavaScript: one a core, no more than Node has, and never a single one: on that, a name server that does not
 * answer would hold up every password and signature.
 */
export const threadsFor = (cores: number): number => Math.min(4, Math.max(2, cores));

/**
 * What libc reads when a process begins. Without it each thread has memory of its own to allocate from, and what a password hash or the
 * compiler took there for a moment stays with it: some 30 MiB of a server that has worked for a minute.
 */
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** A megabyte, which it would be, is full after a dozen exchanges; looking for what lives in it took a twelfth of the time. */
const YOUNG = '--min-semi-space-size=4';

/**
 * Begins this process anew with those settings, unless it has them: its number, streams and arguments stay as they are. To be called
 * before anything is loaded, all of which is done twice.
 * @param argv the whole of it.
 */
export function beginAnew([, script = '', ...words]: readonly string[]): void {
  const { env, execPath, execArgv, argv0, platform } = process;
  const isSet = Object.keys(MALLOC).every((name) => env[name] !== undefined);
  // A worker has its server's environment, and a line to it that would be lost.
  if (isSet || platform !== 'linux' || process.connected || process.execve === undefined) return;
  // What a shell has opened for it (`--config <(...)`) would be closed.
  const given = Object.entries(env).filter(([name]) => name.startsWith('UMA_'));
  if ([...words, ...given.flat()].some((word) => /\/dev\/fd\/|\/proc\//.test(word ?? ''))) return;
  const program = process.getBuiltinModule('node:sea').isSea() ? [] : [YOUNG, ...execArgv, script];
  try {
    // One that is not there would end the process.
    accessSync(execPath, constants.X_OK);
    process.execve(execPath, [argv0, ...program, ...words], { ...MALLOC, ...env });
  } catch {
    // Node's permission model may forbid it: then it goes on, with more memory.
  }
}

/** To be called before anything is loaded or read. */
export function stayFrugal(): void {
  // What one request leaves is dead long before megabytes of it have gathered; V8 would let 64 MiB gather before it looks.
  setFlagsFromString('--semi-space-growth-factor=1');
  // And what lives on is small: V8 looks at all of it when it has grown by a fifth, not when it has doubled or more.
  setFlagsFromString('--heap-growing-percent=20');
  // Small buffers are cut from pieces of this size. One of Node's 64 KiB is in use for so many requests that it counts as old, and
  // stays until the next look at everything.
  Buffer.poolSize = 4096;
  // More of them than cores hash no faster.
  process.env.UV_THREADPOOL_SIZE ??= String(threadsFor(availableParallelism()));
}
