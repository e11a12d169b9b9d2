/** 405 with `Allow` for every method that an address does not have (FED-3.2-08). */
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Refusal, sendRefusal } from './refusal.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];

/**
 * Collects the routes that are added to `app` and its children from now on; calling the answer on the last scope adds, for
 * each address, one route for all the other methods. It answers before authentication and before the body is read.
 */
export function refuseOtherMethods(app: FastifyInstance): (last: FastifyInstance) => void {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const methods = known.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) methods.add(method);
    known.set(route.url, methods);
  });
  return (last) => {
    for (const [url, methods] of [...known]) {
      if (url.includes('*')) continue;
      const allow = [...methods].sort().join(', ');
      const refusal = new Refusal(405, 'unsupported_method_type', `this address answers ${allow} only`, { allow });
      last.route({
        method: METHODS.filter((method) => !methods.has(method)),
        url,
        schema: { hide: true },
        onRequest: (_request, reply) => void sendRefusal(reply, refusal),
        handler: (_request, reply) => sendRefusal(reply, refusal),
      });
    }
  };
}
