/** Ports as flags take them. */
import { UmaError } from '../protocol/errors.ts';

/** 0 is any free one. @throws UmaError `invalid_port` (usage). */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UmaError('usage', 'invalid_port', `"${text}" is no port`, {
    hint: 'a number from 0 (any free one) to 65535',
  });
}
