/** On a terminal, a line that says from whom a slow answer is awaited; it is gone again when the answer is there (cli.md 31). */
import type { Io } from '../cli/io.ts';

/** Milliseconds for which nothing needs to be said. */
const PATIENCE = 80;
const ERASE = '\r\u001b[2K';

export type Waiting = <T>(url: string, act: () => Promise<T>) => Promise<T>;

/** Does nothing where standard error is no terminal that can erase a line, or with `quiet`. */
export function tellWaiting({ stderrIsTty, env, err }: Io, quiet: boolean, signal: AbortSignal): Waiting {
  if (!stderrIsTty || quiet || env.TERM === 'dumb') return (_url, act) => act();
  let shown = false;
  const erase = () => {
    if (shown) err(ERASE);
    shown = false;
  };
  signal.addEventListener('abort', erase, { once: true });
  return async (url, act) => {
    const timer = setTimeout(() => {
      if (!shown) err(`waiting for ${new URL(url).host} ...`);
      shown = true;
    }, PATIENCE);
    try {
      return await act();
    } finally {
      clearTimeout(timer);
      erase();
    }
  };
}
