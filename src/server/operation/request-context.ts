/** Which request something happens in, for what lies deeper than HTTP. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

export interface RequestFacts {
  request_id: string;
  /** Address that the request came from. */
  ip: string;
}

const storage = new AsyncLocalStorage<RequestFacts>();

/** Undefined outside a request: at the start, in a timer. */
export const currentRequest = (): RequestFacts | undefined => storage.getStore();

/** From the first handler on; a body that is read before would lose it. */
export function followRequests(app: FastifyInstance): void {
  app.addHook('preHandler', (request, _reply, done) => storage.run({ request_id: request.id, ip: request.ip }, done));
}
