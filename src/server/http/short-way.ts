/**
 * The short way: a small POST that a server answers all day is read and answered on node:http itself. Fastify's way of the same request (a
 * request, a reply, hooks, a parser) costs more than what is decided about it (`npm run bench`). It takes what is plain only: the
 * exact address, the issuer's host, a content type as clients write it, a length. All else goes Fastify's way, which has the same route
 * with the same handler, so that both say the same.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, RouteShorthandOptions } from 'fastify';
import type { BodyReader } from './body.ts';
import { hostsOf } from './host.ts';
import { JSON_HEADERS, jsonText } from './json.ts';
import { type LogFailure, type Refusal, refusalFor, refusalHeaders, refusalText } from './refusal.ts';
import { REQUEST_ID, requestId } from './request-id.ts';
import { securityHeaders } from './security-headers.ts';

/** What a handler sees of a request; a FastifyRequest has it too. */
export interface Asked {
  method: string;
  headers: IncomingHttpHeaders;
  /** As it was sent. */
  originalUrl: string;
  /** Address of the peer. */
  ip: string;
}

/** JSON that no cache keeps. */
export interface Answered {
  status: number;
  text: string;
}

export interface HotRoute<B> {
  /** Under the issuer. */
  path: string;
  reader: BodyReader<B>;
  /** @param body reads it when it is called. @throws Refusal */
  answer(asked: Asked, body: () => B): Promise<Answered>;
}

/** A request on the short way, for a handler that passes it on: what that needs of Fastify's request and reply. */
export interface Taken {
  raw: IncomingMessage;
  ip: string;
  id: string;
  reply: { raw: ServerResponse; hijack(): void };
}

/** Answers a request whose body is read; undefined: it has passed it on. */
type Handler = (asked: Asked, bytes: Buffer, taken: Taken) => Promise<Answered | undefined>;

export interface ShortWay {
  add(path: string, type: string, handler: Handler): void;
  /** False: it is none of these, and untouched. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Bytes of a body. */
const SMALL = 16 * 1024;
const LENGTH = /^[1-9]\d{0,4}$/;

export function shortWay(issuer: string, log: LogFailure): ShortWay {
  const routes = new Map<string, { path: string; type: string; withCharset: string; handler: Handler }>();
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  const hosts = hostsOf(issuer);
  const always = Object.entries(securityHeaders(issuer)).flat();
  const ofAnswers = [...always, ...Object.entries(JSON_HEADERS).flat()];

  function send(response: ServerResponse, id: string, status: number, headers: readonly string[], text: string): void {
    // The peer has gone.
    if (response.destroyed) return;
    try {
      response.writeHead(status, [REQUEST_ID, id, ...headers, 'content-length', String(Buffer.byteLength(text))]);
      response.end(text);
    } catch (error) {
      log('an answer could not be written', error, id);
      response.destroy();
    }
  }

  function refuse(response: ServerResponse, id: string, refusal: Refusal): void {
    const headers = [...always, ...Object.entries(refusalHeaders(refusal)).flat()];
    send(response, id, refusal.status, headers, refusalText(refusal));
  }

  return {
    add(path, type, handler) {
      routes.set(base + path, { path, type, withCharset: `${type}; charset=utf-8`, handler });
    },
    take(raw, response) {
      const { headers, method = '', url: originalUrl = '' } = raw;
      const route = method === 'POST' ? routes.get(originalUrl) : undefined;
      if (route === undefined || !hosts.has(headers.host ?? '')) return false;
      const type = headers['content-type']?.toLowerCase();
      if (type !== route.type && type !== route.withCharset) return false;
      const length = headers['content-length'] ?? '';
      if (!LENGTH.test(length) || Number(length) > SMALL) return false;
      raw.url = route.path;
      const ip = raw.socket.remoteAddress ?? '';
      const id = requestId(raw);
      const chunks: Buffer[] = [];
      raw.on('data', (chunk: Buffer) => void chunks.push(chunk));
      raw.on('end', () => {
        const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        const taken = { raw, ip, id, reply: { raw: response, hijack() {} } };
        route.handler({ method, headers, originalUrl, ip }, bytes, taken).then(
          (answer) => {
            if (answer !== undefined) send(response, id, answer.status, ofAnswers, answer.text);
          },
          (error: unknown) => refuse(response, id, refusalFor(error, { method, route: route.path, id }, log)),
        );
      });
      return true;
    },
  };
}

/** A route that both ways have. */
export function hotRoute<B>(
  app: FastifyInstance,
  short: ShortWay | undefined,
  { path, reader, answer }: HotRoute<B>,
  options: RouteShorthandOptions,
): void {
  app.post(path, options, async (request, reply) => {
    const { status, text } = await answer(request, () => request.body as B);
    return jsonText(reply.code(status), text);
  });
  short?.add(path, reader.type, async (asked, bytes) => answer(asked, () => reader.read(bytes.toString())));
}
