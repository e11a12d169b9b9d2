/** oidc-provider under Fastify: its routes hand the raw request over, with the body unread. */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type Provider from 'oidc-provider';
import { PATHS } from './paths.ts';

const ROUTES: readonly (readonly [path: string, methods: HTTPMethods[]])[] = [
  [PATHS.token, ['POST', 'OPTIONS']],
  [PATHS.authorization, ['GET']],
  [`${PATHS.authorization}/:uid`, ['GET']],
  [PATHS.jwks, ['GET', 'OPTIONS']],
  [PATHS.revocation, ['POST', 'OPTIONS']],
  [PATHS.userinfo, ['GET', 'POST', 'OPTIONS']],
  [PATHS.device_authorization, ['POST', 'OPTIONS']],
  [PATHS.code_verification, ['GET', 'POST']],
  [`${PATHS.code_verification}/:uid`, ['GET']],
  [PATHS.pushed_authorization_request, ['POST', 'OPTIONS']],
];
const REGISTRATION_ROUTES: typeof ROUTES = [
  [PATHS.registration, ['POST']],
  [`${PATHS.registration}/:clientId`, ['GET']],
];

/** Gives a request to oidc-provider, which answers it. @param present see http/host.ts. */
export function handOverTo(provider: Provider, present: (request: FastifyRequest['raw']) => void): HandOver {
  const callback = provider.callback();
  return (request, reply) => {
    reply.hijack();
    present(request.raw);
    void callback(request.raw, reply.raw);
  };
}
export type HandOver = (request: FastifyRequest, reply: FastifyReply) => void;

export function mountProvider(
  app: FastifyInstance,
  handOver: HandOver,
  options: { registration?: object | undefined },
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const [url, method] of options.registration !== undefined ? [...ROUTES, ...REGISTRATION_ROUTES] : ROUTES) {
    app.route({ method, url, schema: { hide: true }, handler: handOver });
  }
}
