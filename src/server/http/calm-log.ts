import { isOutage, type LogFailure } from './refusal.ts';

/** Milliseconds of silence after an outage was told. */
const PAUSE = 5000;

/** While a database is down every request fails for the same reason: one line of it in {@link PAUSE} is enough. */
export function calmly(log: LogFailure): LogFailure {
  let told = Number.NEGATIVE_INFINITY;
  return (message, error, request_id) => {
    if (isOutage(error)) {
      if (performance.now() - told < PAUSE) return;
      told = performance.now();
    }
    log(message, error, request_id);
  };
}
