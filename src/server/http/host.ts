/** Only requests meant for the issuer are answered: a page under another name cannot reach this server (DNS rebinding). */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Refusal, sendRefusal } from './refusal.ts';

/** Address that answers under any Host, for health checks of a container or a load balancer. */
export const HEALTH_PATH = '/health';

/** What a Host header may say: the issuer's host and port, of which a default port may be left out. */
export function hostsOf(issuer: string): ReadonlySet<string> {
  const { host, hostname, protocol } = new URL(issuer);
  return new Set([host, host === hostname ? `${hostname}:${protocol === 'https:' ? 443 : 80}` : host]);
}

export function requireHost(app: FastifyInstance, issuer: string): void {
  const { host } = new URL(issuer);
  const hosts = hostsOf(issuer);
  const refusal = new Refusal(
    421,
    'invalid_request',
    `this server answers for ${host} only, which the Host header must name`,
  );
  app.addHook('onRequest', (request, reply, done) => {
    if (hosts.has(request.headers.host ?? '') || request.url === HEALTH_PATH) done();
    else sendRefusal(reply, refusal);
  });
}

export type Present = (request: IncomingMessage & { originalUrl?: string }, address: string) => void;

/**
 * Makes a request look as it left the peer, for code that builds addresses from headers (Koa).
 * Forwarded headers of the peer are overwritten, so that they decide nothing (SEC-9700-24); `address` is the peer's, as Fastify
 * believes it.
 */
export function presentAs(issuer: string): Present {
  const { host, protocol, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const scheme = protocol.slice(0, -1);
  return (request, address) => {
    request.headers.host = host;
    request.headers['x-forwarded-host'] = host;
    request.headers['x-forwarded-proto'] = scheme;
    request.headers['x-forwarded-for'] = address;
    if (path !== '') request.originalUrl = path + (request.url ?? '');
  };
}

/** Takes the issuer's path off a request's address, so that routes need not know it; other addresses stay as they are. */
export function stripIssuerPath(issuer: string): (request: { url?: string | undefined }) => string {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  return ({ url = '/' }) => {
    if (path === '' || !url.startsWith(path)) return url;
    const rest = url.slice(path.length);
    return rest === '' ? '/' : rest.startsWith('/') ? rest : rest.startsWith('?') ? `/${rest}` : url;
  };
}
