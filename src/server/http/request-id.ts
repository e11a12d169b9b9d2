/** A name for each request, which its answer, the log and the audit log share. */
import type { IncomingMessage } from 'node:http';
import { newId } from '../authorization/secrets.ts';

export const REQUEST_ID = 'x-request-id';

/** What a proxy in front may call a request; anything else gets a name of ours, so that nobody writes into the logs. */
const VALID = /^[\w.:-]{8,64}$/;

export function requestId({ headers }: IncomingMessage): string {
  const given = headers[REQUEST_ID];
  // Not a number that goes up: it would tell everybody how much this server has to do.
  return typeof given === 'string' && VALID.test(given) ? given : newId();
}
