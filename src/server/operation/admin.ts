/**
 * The operator's address: health and metrics, apart from the one that peers use, so that a firewall can tell them apart. Plain http,
 * and nothing behind it is secret or changes anything.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '../../protocol/metadata.ts';
import { listenFault } from '../http/listener.ts';
import type { Readiness } from './readiness.ts';

export interface AdminOptions {
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** 0 = any free one. */
  port: number;
  ready(): Promise<Readiness>;
  /** In the text form of Prometheus. */
  metrics(): Promise<string>;
}

export interface AdminServer {
  url: string;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

const PATHS: Readonly<Record<string, (options: AdminOptions) => Promise<Answer>>> = {
  '/health/live': async () => json(200, { status: 'ok' }),
  async '/health/ready'({ ready }) {
    const readiness = await ready();
    return json(readiness.status === 'ready' ? 200 : 503, readiness);
  },
  '/metrics': async ({ metrics }) => ({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: await metrics(),
  }),
};

/** @throws UmaError of category `config`: `port_taken`, `cannot_listen`. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const { host = '127.0.0.1', port } = options;
  const name = host.includes(':') ? `[${host}]` : host;
  const local = isLoopback(`http://${name}`);
  const server = createServer((request, response) => {
    // A page in a browser of this machine must not read it under a name of its own (DNS rebinding).
    const asked = `http://${request.headers.host}`;
    const misdirected = local && !(URL.canParse(asked) && isLoopback(asked));
    void (misdirected ? MISDIRECTED : answerTo(request, options)).then((answer) => send(request, response, answer));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, host, port, '--admin-port')));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  return {
    url: `http://${name}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const json = (status: number, value: object): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});
const refusal = (status: number, error: string) => json(status, { error });
const MISDIRECTED = Promise.resolve(refusal(421, 'this address answers under the name of this machine only'));

async function answerTo(request: IncomingMessage, options: AdminOptions): Promise<Answer> {
  const answer = PATHS[(request.url ?? '').split('?', 1)[0] ?? ''];
  if (answer === undefined) return refusal(404, `there is: ${Object.keys(PATHS).join(' ')}`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'GET only');
  try {
    return await answer(options);
  } catch {
    return refusal(503, 'not to be had now');
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
