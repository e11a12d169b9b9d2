/** Keeps small what streams leave behind: V8 lets some 64 MiB of dead chunks gather before it looks at them. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of chunks, dead or alive, from which it is worth looking. */
const WORTH_IT = 4 * 1024 * 1024;
/** Milliseconds between two looks. */
const INTERVAL = 5;

/** Collects young garbage while bodies stream; costs nothing while none do. */
export class ChunkCollector {
  readonly #collect: (options: { type: 'minor' }) => void;
  #streams = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  }

  begin(): void {
    this.#streams += 1;
    this.#timer ??= setInterval(() => {
      if (process.memoryUsage().arrayBuffers > WORTH_IT) this.#collect({ type: 'minor' });
    }, INTERVAL).unref();
  }

  end(): void {
    this.#streams -= 1;
    if (this.#streams > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
