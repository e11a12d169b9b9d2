/** oidc-provider under Fastify: its routes hand the raw request over, with the body unread. */
import { IncomingMessage } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type Provider from 'oidc-provider';
import type { UmaMetadata } from '../../protocol/metadata.ts';
import { alert } from '../console/markup.ts';
import { PAGE_HEADERS, page } from '../console/page.ts';
import { TEXTS } from '../console/texts.ts';
import { readJsonBodies } from '../http/body.ts';
import type { Present } from '../http/host.ts';
import { isOutage, OUTAGE, sendRefusal } from '../http/refusal.ts';
import { REQUEST_ID } from '../http/request-id.ts';
import { withSecurityHeaders } from '../http/security-headers.ts';
import type { Stores } from '../stores/types.ts';
import { networkOf } from './attempts.ts';
import { PATHS, providerPaths, toProvider } from './paths.ts';
import { sharedLimit } from './shared-limit.ts';

const ROUTES: readonly (readonly [path: string, methods: HTTPMethods[]])[] = [
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

/** Gives a request to oidc-provider, which answers it. @param published see {@link providerPaths}. */
export function handOverTo(provider: Provider, present: Present, published: UmaMetadata): HandOver {
  const callback = provider.callback();
  const paths = providerPaths(published);
  const secure = withSecurityHeaders(published.issuer);
  return (request, reply, message = request.raw) => {
    reply.hijack();
    message.url = toProvider(message.url ?? '/', paths);
    present(message, request.ip);
    // For what the library reports, and for its answer.
    message.headers[REQUEST_ID] = request.id;
    reply.raw.setHeader(REQUEST_ID, request.id);
    secure(reply.raw);
    void callback(message, reply.raw);
  };
}
/** `message`: the request as the library shall read it, where its own has been read already. */
export type HandOver = (
  request: Pick<FastifyRequest, 'raw' | 'ip' | 'id'>,
  reply: { raw: FastifyReply['raw']; hijack(): unknown },
  message?: FastifyRequest['raw'],
) => void;

/** How many user codes one address may try in a minute: a guess among 20^8 stays one (SEC-8628-03). */
const CODES_PER_MINUTE = 15;

/** @param base path of the issuer. */
export async function mountProvider(
  app: FastifyInstance,
  handOver: HandOver,
  options: { registration?: object | undefined; base: string; stores: Pick<Stores, 'limits'>; now: () => number },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const [url, method] of ROUTES) {
    app.route({ method, url, schema: { hide: true }, handler: (request, reply) => handOver(request, reply) });
  }
  if (options.registration !== undefined) app.register(async (scope) => registrationRoutes(scope, handOver));
  await app.register(rateLimit, {
    global: false,
    store: sharedLimit(options.stores.limits, 'user-code', options.now),
  });
  app.route({
    method: 'POST',
    url: PATHS.code_verification,
    schema: { hide: true },
    config: {
      rateLimit: { max: CODES_PER_MINUTE, timeWindow: 60_000, keyGenerator: ({ ip }) => networkOf(ip) },
    },
    errorHandler: (error, _request, reply) =>
      isOutage(error)
        ? sendRefusal(reply, OUTAGE)
        : reply
            .code(429)
            .headers(PAGE_HEADERS)
            .send(page(TEXTS.device.tooMany.title, alert(TEXTS.device.tooMany.body), options.base)),
    handler: handOver,
  });
}

/** The one JSON body that the library reads. It takes the last of two members of a name (FED-3.2-10), so it gets one that was checked. */
function registrationRoutes(app: FastifyInstance, handOver: HandOver): void {
  readJsonBodies(app);
  const schema = { hide: true };
  app.post(PATHS.registration, { schema }, (request, reply) =>
    handOver(request, reply, withBody(request, JSON.stringify(request.body ?? {}))),
  );
  app.get(`${PATHS.registration}/:clientId`, { schema }, (request, reply) => handOver(request, reply));
}

/**
 * The request with this body in place of its own, which has been read.
 * @param changed headers and address that the library shall see in place of the request's; undefined = not at all.
 */
export function withBody(
  { raw }: Pick<FastifyRequest, 'raw'>,
  body: string | Buffer,
  changed: { url?: string; headers?: Record<string, string | undefined> } = {},
): IncomingMessage {
  const message = new IncomingMessage(raw.socket);
  message.method = raw.method ?? 'POST';
  message.url = changed.url ?? raw.url ?? '/';
  message.httpVersion = raw.httpVersion;
  Object.assign(message.headers, raw.headers, changed.headers, { 'content-length': String(Buffer.byteLength(body)) });
  delete message.headers['transfer-encoding'];
  message.complete = true;
  message.push(body);
  message.push(null);
  return message;
}
