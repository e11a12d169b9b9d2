/** The system clock. */
import type { Clock } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';

export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  sleep: (seconds, signal) =>
    new Promise((resolve, reject) => {
      const interrupted = () => {
        clearTimeout(timer);
        reject(new UmaError('interrupted', 'interrupted', 'interrupted'));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', interrupted);
        resolve();
      }, seconds * 1000);
      if (signal?.aborted) interrupted();
      else signal?.addEventListener('abort', interrupted, { once: true });
    }),
};
