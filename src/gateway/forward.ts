/** The proxied side: every request is put to the gate, and what passes is streamed to the upstream as it was matched. */
import type { Readable } from 'node:stream';
import proxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UmaError } from '../protocol/errors.ts';
import { type Enforcement, enforce, UNREACHABLE, type Verdict } from './enforce.ts';
import { answerHeaders, forwardedHeaders, type Identity } from './headers.ts';
import { ChunkCollector } from './memory.ts';
import { BodyTooLarge, limited } from './upload.ts';
import { WebSocketEnds } from './websocket.ts';

export interface ForwardOptions {
  gate: Enforcement;
  upstream: URL;
  /** Known once the gateway listens. */
  site: { publicUrl: string };
  /** PEM text. */
  upstreamCa: string | undefined;
}

/** Seconds. */
export const DEFAULT_IDLE = 60;
/** Slow readers hold a connection each; they must not keep the others waiting. */
const UPSTREAM_CONNECTIONS = 4096;
const DEFAULT_WEBSOCKET = 16 * 1024 * 1024;
const METHODS = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'OPTIONS'];

export async function forward(
  app: FastifyInstance,
  { gate, upstream, site, upstreamCa }: ForwardOptions,
): Promise<void> {
  const { limits = {} } = gate.routes.file;
  const idle = (limits.idle ?? DEFAULT_IDLE) * 1000;
  const webSockets = new WebSocketEnds(limits.websocket ?? DEFAULT_WEBSOCKET);
  const chunks = new ChunkCollector();
  const identities = new WeakMap<object, Identity>();
  const headersOf = (request: FastifyRequest) =>
    forwardedHeaders(request.raw.headers, { ip: request.ip, publicUrl: site.publicUrl }, identities.get(request.raw));

  async function guard(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { headers, method, raw } = request;
    if ((method === 'GET' || method === 'HEAD') && hasBody(headers))
      return refuse(reply, 400, 'invalid_request', `a ${method} with a body`);
    const { body } = limits;
    if (body !== undefined && Number(headers['content-length'] ?? 0) > body)
      return refuse(reply, 413, 'too_large', `the body is longer than ${body} bytes`);
    let verdict: Verdict;
    try {
      const target = raw.url ?? '';
      const { authorization, dpop: proof } = headers;
      verdict = await enforce(gate, { method, target, authorization, proof, ip: request.ip });
    } catch (error) {
      if (error instanceof UmaError) return refuse(reply, 400, error.code, error.message);
      throw error;
    }
    if (verdict.kind !== 'forward') return answer(reply, verdict);
    const { target } = verdict.match;
    // What was matched is what goes on.
    raw.url = target.path + target.query;
    if (verdict.identity !== undefined) identities.set(raw, verdict.identity);
    chunks.begin();
    // The answer to an upgrade never ends; its connection does.
    (headers.upgrade === undefined ? reply.raw : raw.socket).once('close', () => chunks.end());
    if (headers.upgrade !== undefined) webSockets.note(raw.socket, verdict.until);
    return undefined;
  }

  if (limits.body !== undefined) {
    const limit = limits.body;
    app.addHook('preParsing', async (_request, _reply, payload) => limited(payload as Readable, limit));
  }
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) gate.log('a request failed', error);
    return refuse(
      reply,
      status,
      status >= 500 ? 'server_error' : 'invalid_request',
      status >= 500 ? 'the gateway failed' : 'the request cannot be forwarded',
    );
  });
  const tls = { rejectUnauthorized: true, ...(upstreamCa === undefined ? {} : { ca: upstreamCa }) };
  await app.register(proxy, {
    upstream: upstream.href,
    // The gate comes first: a body is not touched before.
    preHandler: guard as never,
    httpMethods: METHODS,
    websocket: true,
    wsHooks: webSockets.hooks,
    wsClientOptions: {
      rewriteRequestHeaders: (_headers: unknown, request: FastifyRequest) => withoutHandshake(headersOf(request)),
      ...tls,
    },
    // Node's own client: half the memory of a stream through the other one.
    undici: false,
    http: {
      requestOptions: { timeout: idle, ...tls },
      agentOptions: { keepAlive: true, maxSockets: UPSTREAM_CONNECTIONS, maxFreeSockets: 256, scheduling: 'lifo' },
    },
    destroyAgent: true,
    disableRequestLogging: true,
    // A request that reached the upstream may have had its effect.
    retryMethods: [],
    replyOptions: {
      rewriteRequestHeaders: (request: FastifyRequest) => headersOf(request),
      rewriteHeaders: answerHeaders,
      onError: (
        reply: { code(status: number): { send(body: object): unknown } },
        { error }: { error: Error & { statusCode?: number } },
      ) => {
        const cause = (error.cause ?? error) as Error;
        if (cause instanceof BodyTooLarge) return reply.code(413).send({ error: 'too_large' });
        gate.log('the upstream did not answer', cause);
        const late = error.statusCode === 504;
        return reply.code(late ? 504 : 502).send({ error: late ? 'upstream_timeout' : 'upstream_unreachable' });
      },
    },
  } as never);
}

function answer(reply: FastifyReply, verdict: Exclude<Verdict, { kind: 'forward' }>): FastifyReply {
  reply.header('cache-control', 'no-store');
  switch (verdict.kind) {
    case 'challenge':
      return reply.code(401).header('www-authenticate', verdict.header).send();
    case 'unreachable':
      return reply.code(403).header('warning', UNREACHABLE).send();
    case 'denied':
      return refuse(reply, 403, 'access_denied', 'this address is not open to anybody');
    case 'limited':
      return refuse(
        reply.header('retry-after', String(verdict.wait)),
        429,
        'too_many_requests',
        'too many permission tickets',
      );
  }
}

const refuse = (reply: FastifyReply, status: number, error: string, error_description: string): FastifyReply =>
  reply.code(status).send({ error, error_description });

const hasBody = (headers: FastifyRequest['headers']): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The handshake with the upstream is a new one. */
const withoutHandshake = (headers: Record<string, string | string[]>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('sec-websocket-') && name !== 'host'));
