/**
 * Headers of every answer, pages and API alike (OWASP Secure Headers, RFC 6797). An answer that is no page is never run, framed or
 * taken for another type; pages say more of their own (console/page.ts).
 */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { REQUEST_ID } from './request-id.ts';

/** Seconds that browsers keep to https once they have seen it: a year. */
const HTTPS_ONLY = 31_536_000;

export function securityHeaders(issuer: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(issuer.startsWith('https:') ? { 'strict-transport-security': `max-age=${HTTPS_ONLY}` } : {}),
  };
}

/** On every answer, with the name of its request. Must come first: refusals carry them too. */
export function sendHeaders(app: FastifyInstance, issuer: string): void {
  const headers = securityHeaders(issuer);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ [REQUEST_ID]: request.id, ...headers });
    done();
  });
}

/** For an answer that Fastify does not write. */
export function withSecurityHeaders(issuer: string): (response: ServerResponse) => void {
  const headers = Object.entries(securityHeaders(issuer));
  return (response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
  };
}
