/** What Node sizes for any program, sized for a server that answers small requests. Only for the command: a library leaves its process alone. */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/**
 * Threads for work beside JavaScript: one a core, no more than Node has, and never a single one: on that, a name server that does not
 * answer would hold up every password and signature.
 */
export const threadsFor = (cores: number): number => Math.min(4, Math.max(2, cores));

/** To be called before anything is loaded or read. */
export function stayFrugal(): void {
  // What one request leaves is dead long before a megabyte of it has gathered; V8 would let 64 MiB gather before it looks.
  setFlagsFromString('--semi-space-growth-factor=1');
  // And what lives on is small: V8 looks at all of it when it has grown by a fifth, not when it has doubled or more.
  setFlagsFromString('--heap-growing-percent=20');
  // Small buffers are cut from pieces of this size. One of Node's 64 KiB is in use for so many requests that it counts as old, and
  // stays until the next look at everything.
  Buffer.poolSize = 4096;
  // Each keeps the memory of a password hash when it has made one; more of them than cores hash no faster.
  process.env.UV_THREADPOOL_SIZE ??= String(threadsFor(availableParallelism()));
}
