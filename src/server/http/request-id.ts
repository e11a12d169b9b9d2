/** A name for each request, which its answer, the log and the audit log share. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID = 'x-request-id';

/** What a proxy in front may call a request; anything else gets a name of ours, so that nobody writes into the logs. */
const VALID = /^[\w.:-]{8,64}$/;

/** Different for every process. */
const prefix = randomBytes(6).toString('hex');
let requests = 0;

export function requestId({ headers }: IncomingMessage): string {
  const given = headers[REQUEST_ID];
  if (typeof given === 'string' && VALID.test(given)) return given;
  requests += 1;
  return `${prefix}-${requests.toString(36)}`;
}

/** Must come first: refusals carry it too. */
export function nameAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID, request.id);
    done();
  });
}
