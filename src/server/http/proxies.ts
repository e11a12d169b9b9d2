/** Proxies in front of the server (`--trust-proxy`): whose word on a request's sender counts. Without them nobody's does (SEC-9700-24). */
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { UmaError } from '../../protocol/errors.ts';
import { Refusal, sendRefusal } from './refusal.ts';

const NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** @throws UmaError `invalid_proxy` (config) for what is no address, network or name of one. */
export function checkProxies(proxies: readonly string[]): void {
  const strange = proxies.find((proxy) => {
    const [address = '', bits, ...more] = proxy.split('/');
    const most = isIP(address) === 4 ? 32 : 128;
    const network = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
    return !NAMES.has(proxy) && (isIP(address) === 0 || !network || more.length > 0);
  });
  if (strange === undefined) return;
  throw new UmaError('config', 'invalid_proxy', `${JSON.stringify(strange)} is no address of a proxy`, {
    hint: 'write an address (10.0.0.7), a network (10.0.0.0/8), or loopback, linklocal, uniquelocal',
  });
}

/** A believed proxy that says `X-Forwarded-Proto: http` has taken a password or token over the clear: it is told so, not served. */
export function refuseClearText(app: FastifyInstance, issuer: string): void {
  if (!issuer.startsWith('https:')) return;
  const refusal = new Refusal(
    400,
    'invalid_request',
    'the request came to the proxy over plain http; this server is https only',
  );
  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers['x-forwarded-proto'] === undefined || request.protocol === 'https') done();
    else sendRefusal(reply, refusal);
  });
}
