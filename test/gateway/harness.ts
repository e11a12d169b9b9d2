/** A gateway on loopback between a real authorization server, whose requests are counted, and an upstream that says what it got. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { httpSend } from '../../src/adapters/http.ts';
import type { RoutesFile } from '../../src/gateway/routes.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../../src/gateway/start.ts';
import { findUmaChallenge, type UmaChallenge } from '../../src/protocol/challenge.ts';
import type { HttpExchange, Send } from '../../src/protocol/http.ts';
import type { StartOptions } from '../../src/server/start.ts';
import { type Harness, start } from '../server/http/harness.ts';

export interface Upstream {
  server: Server;
  url: string;
  /** Every request that came through. */
  seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
}

/** Answers 200 `the photo` to everything, unless told otherwise. */
export async function startUpstream(handler?: Parameters<typeof createServer>[1]): Promise<Upstream> {
  const seen: Upstream['seen'] = [];
  const server = createServer(async (request, response) => {
    if (handler !== undefined) return handler(request, response);
    seen.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: await text(request),
    });
    response.setHeader('content-type', 'text/plain').end('the photo');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export const ROUTES: RoutesFile = {
  default: 'deny',
  realm: 'photos',
  owner: 'alice',
  routes: [
    { path: '/open/*', access: 'pass' },
    { path: '/photos/secret.png', access: 'deny' },
    { path: '/photos/*', methods: ['GET'], query: { download: '1' }, scopes: ['download'], resource: 'Photos' },
    { path: '/photos/*', methods: ['GET'], scopes: ['view'], resource: 'Photos' },
    { path: '/photos/*', methods: ['PUT', 'POST'], scopes: ['edit'], resource: 'Photos' },
    { path: '/users/{owner}/album/{id}', scopes: ['view'] },
  ],
};

export interface Gate extends AsyncDisposable {
  as: Harness;
  upstream: Upstream;
  gateway: RunningGateway;
  /** What the gateway said to the AS. */
  calls: HttpExchange[];
  /** Paths of `calls` since the last look, discovery left out. */
  newCalls(): string[];
  logged: unknown[];
  pat: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  challenge(path: string, init?: RequestInit): Promise<UmaChallenge>;
  /** Bob's RPT, for what the challenge asks; Alice allows it. */
  rpt(path: string, init?: RequestInit, party?: string): Promise<string>;
}

export interface GateOptions extends Partial<GatewayOptions> {
  server?: StartOptions;
  /** In place of the counted port. */
  wrap?: (send: Send) => Send;
  upstreamServer?: Upstream;
}

export const RS_CLIENT = { id: 'UMA-Resource-Server', secret: 'password', method: 'client_secret_basic' } as const;

export async function startGate(options: GateOptions = {}): Promise<Gate> {
  const { server = {}, wrap = (send) => send, upstreamServer, ...gatewayOptions } = options;
  const as = await start(server);
  const upstream = upstreamServer ?? (await startUpstream());
  const calls: HttpExchange[] = [];
  const logged: unknown[] = [];
  const plain = wrap(httpSend({ timeout: 5, insecure: false }));
  const send: Send = async (request) => {
    const response = await plain(request);
    calls.push({ request, response });
    return response;
  };
  const pat = await as.pat();
  const gateway = await startGateway({
    upstream: upstream.url,
    routes: ROUTES,
    issuer: as.server.issuer,
    client: RS_CLIENT,
    send,
    port: 0,
    pat: { mode: 'given', pat, owner: 'alice' },
    log: (message, error) => void logged.push([message, error]),
    ...gatewayOptions,
  });
  let looked = 0;
  const gate: Gate = {
    as,
    upstream,
    gateway,
    calls,
    newCalls() {
      const fresh = calls.slice(looked).map(({ request }) => new URL(request.url).pathname);
      looked = calls.length;
      return fresh.filter((path) => !path.startsWith('/.well-known/'));
    },
    logged,
    pat,
    fetch: (path, init = {}) => fetch(gateway.url + path, { redirect: 'manual', ...init }),
    async challenge(path, init) {
      const response = await gate.fetch(path, init);
      await response.text();
      const challenge = findUmaChallenge(response.headers.get('www-authenticate') ?? '');
      if (response.status !== 401 || challenge === undefined) throw new Error(`${path}: ${response.status}`);
      return challenge;
    },
    async rpt(path, init, party = 'bob') {
      const { ticket } = await gate.challenge(path, init);
      const created = calls.findLast(({ request }) => request.url.endsWith('/permission'));
      const { resource_id } = JSON.parse(created?.request.body ?? '{}') as { resource_id: string };
      await as.allow(resource_id, party);
      const answer = await as.redeem(ticket, await as.claimToken(party));
      if (answer.status !== 200) throw new Error(`no RPT: ${answer.text}`);
      return answer.body.access_token as string;
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      upstream.server.closeAllConnections();
      upstream.server.close();
      await as.server.close();
    },
  };
  return gate;
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
