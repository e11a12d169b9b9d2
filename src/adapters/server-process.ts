/** What Node sizes for any program, sized for a server that answers small requests. Only for the command: a library leaves its process alone. */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** Threads that Node has for work beside JavaScript, unless there are fewer cores. */
const THREADS = 4;

/** To be called before anything is loaded or read. */
export function stayFrugal(): void {
  // What one request leaves is dead long before a megabyte of it has gathered; V8 would let 64 MiB gather before it looks.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Small buffers are cut from pieces of this size. One of Node's 64 KiB is in use for so many requests that it counts as old, and
  // stays until the next look at everything.
  Buffer.poolSize = 4096;
  // Each keeps the memory of a password hash when it has made one; more of them than cores hash no faster.
  process.env.UV_THREADPOOL_SIZE ??= String(Math.min(THREADS, availableParallelism()));
}
