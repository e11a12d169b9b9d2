/** oidc-provider under Fastify: its routes hand the raw request over, with the body unread. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type Provider from 'oidc-provider';
import type { UmaMetadata } from '../../protocol/metadata.ts';
import { PAGE_HEADERS, page } from '../console/page.ts';
import { PATHS, providerPaths, toProvider } from './paths.ts';

const ROUTES: readonly (readonly [path: string, methods: HTTPMethods[]])[] = [
  [PATHS.token, ['POST', 'OPTIONS']],
  [PATHS.authorization, ['GET']],
  [`${PATHS.authorization}/:uid`, ['GET']],
  [PATHS.jwks, ['GET', 'OPTIONS']],
  [PATHS.revocation, ['POST', 'OPTIONS']],
  [PATHS.userinfo, ['GET', 'POST', 'OPTIONS']],
  [PATHS.device_authorization, ['POST', 'OPTIONS']],
  [PATHS.code_verification, ['GET']],
  [`${PATHS.code_verification}/:uid`, ['GET']],
  [PATHS.pushed_authorization_request, ['POST', 'OPTIONS']],
];
const REGISTRATION_ROUTES: typeof ROUTES = [
  [PATHS.registration, ['POST']],
  [`${PATHS.registration}/:clientId`, ['GET']],
];

/** Gives a request to oidc-provider, which answers it. @param present see http/host.ts. @param published see {@link providerPaths}. */
export function handOverTo(
  provider: Provider,
  present: (request: FastifyRequest['raw']) => void,
  published: UmaMetadata,
): HandOver {
  const callback = provider.callback();
  const paths = providerPaths(published);
  return (request, reply, message = request.raw) => {
    reply.hijack();
    message.url = toProvider(message.url ?? '/', paths);
    present(message);
    void callback(message, reply.raw);
  };
}
/** `message`: the request as the library shall read it, where its own has been read already. */
export type HandOver = (request: FastifyRequest, reply: FastifyReply, message?: FastifyRequest['raw']) => void;

/** How many user codes one address may try in a minute: a guess among 20^8 stays one (SEC-8628-03). */
const CODES_PER_MINUTE = 15;

/** @param base path of the issuer. */
export async function mountProvider(
  app: FastifyInstance,
  handOver: HandOver,
  options: { registration?: object | undefined; base: string },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const [url, method] of options.registration !== undefined ? [...ROUTES, ...REGISTRATION_ROUTES] : ROUTES) {
    app.route({ method, url, schema: { hide: true }, handler: (request, reply) => handOver(request, reply) });
  }
  await app.register(rateLimit, { global: false });
  app.route({
    method: 'POST',
    url: PATHS.code_verification,
    schema: { hide: true },
    config: { rateLimit: { max: CODES_PER_MINUTE, timeWindow: 60_000 } },
    errorHandler: (_error, _request, reply) =>
      reply
        .code(429)
        .headers(PAGE_HEADERS)
        .send(page('Too many codes', '<p class="error" role="alert">Wait a minute, then try again.</p>', options.base)),
    handler: handOver,
  });
}
