/**
 * The listening socket. It is opened before the server is built, because the issuer of `--port 0` holds the port that the
 * system chose; requests that come in between wait.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { UmaError } from '../../protocol/errors.ts';
import { readPrivate } from '../private-file.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenOptions {
  /** Also a TLS key that others can read. */
  readableFiles?: boolean | undefined;
  host: string;
  /** 0 = any free one. */
  port: number;
  tls?: TlsFiles | undefined;
}

/** Paths of PEM files. */
export interface TlsFiles {
  cert: string;
  key: string;
}
interface TlsPair {
  cert: Buffer;
  key: string;
}

export interface Listener {
  server: Server;
  port: number;
  /** Answers from now on, first what has waited. */
  serve(handler: Handler): void;
  /** Stops listening, lets requests in flight finish for at most `grace` milliseconds, and is done when all is closed. */
  close(grace: number): Promise<void>;
}

/** Milliseconds in which a request that is on its way is read. */
const SETTLE = 50;

/**
 * Milliseconds for the headers and for a whole request (408 then): who dawdles keeps a connection no longer. Requests here are
 * small, so this is seconds for the slowest line.
 */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 2000 };

/** @throws UmaError of category `config`: `port_taken`, `cannot_listen`, `tls_unusable`, `file_open_to_others`. */
export async function listen({ host, port, tls, readableFiles }: ListenOptions): Promise<Listener> {
  const server = tls === undefined ? createServer(PATIENCE) : tlsServer(tls, readableFiles);
  let waiting: [IncomingMessage, ServerResponse][] | undefined = [];
  const hold: Handler = (request, response) => void waiting?.push([request, response]);
  server.on('request', hold);
  // Read now, it stays with the socket: attempts are counted for an address that may have hung up meanwhile.
  server.on('connection', ({ remoteAddress: _kept }) => {});
  server.on('secureConnection', ({ remoteAddress: _kept }) => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    serve(handler) {
      server.on('request', handler);
      server.off('request', hold);
      for (const [request, response] of waiting ?? []) handler(request, response);
      waiting = undefined;
    },
    close: (grace) =>
      new Promise((resolve) => {
        let sweep: NodeJS.Timeout | undefined;
        const cut = setTimeout(() => server.closeAllConnections(), grace);
        server.prependListener('request', (_request, response) => {
          response.shouldKeepAlive = false;
        });
        // Not HTTP's own `close`: that ends at once every connection whose request has arrived but was not read yet.
        NetServer.prototype.close.call(server, () => {
          clearInterval(sweep);
          clearTimeout(cut);
          resolve();
        });
        // One that is answering becomes idle later.
        sweep = setInterval(() => server.closeIdleConnections(), SETTLE);
      }),
  };
}

function tlsServer(tls: TlsFiles, readable: boolean | undefined): Server {
  return usingTls(tls, readable, (pair) => createTlsServer({ ...PATIENCE, ...pair }));
}

/** @throws UmaError of category `config`: `tls_unusable`, `file_open_to_others`. */
function usingTls<T>({ cert, key }: TlsFiles, readable: boolean | undefined, use: (pair: TlsPair) => T): T {
  try {
    return use({ cert: readFileSync(cert), key: readPrivate(key, { holds: 'the TLS key', readable }) });
  } catch (cause) {
    if (cause instanceof UmaError) throw cause;
    throw new UmaError(
      'config',
      'tls_unusable',
      `the TLS certificate or key cannot be used: ${(cause as Error).message}`,
      {
        hint: 'give PEM files that belong together',
        cause,
      },
    );
  }
}

/**
 * Looks at what the listener would use, and at the time for which the certificate is good.
 * @param now seconds since the epoch.
 * @throws UmaError of category `config`: `tls_unusable`, `file_open_to_others`, `certificate_not_valid`.
 */
export function checkTls(tls: TlsFiles, readable: boolean | undefined, now: number): void {
  const { validFromDate, validToDate } = usingTls(tls, readable, (pair) => {
    createSecureContext(pair);
    return new X509Certificate(pair.cert);
  });
  const [from, to] = [validFromDate, validToDate];
  if (from.getTime() <= now * 1000 && now * 1000 < to.getTime()) return;
  throw new UmaError(
    'config',
    'certificate_not_valid',
    `the TLS certificate ${tls.cert} is good from ${from.toISOString()} to ${to.toISOString()}, not now`,
    { hint: 'have it renewed, or look at the clock of this machine' },
  );
}

/** @param flag that chooses the port. */
export function listenFault(error: NodeJS.ErrnoException, host: string, port: number, flag = '--port'): UmaError {
  return error.code === 'EADDRINUSE'
    ? new UmaError('config', 'port_taken', `port ${port} of ${host} is in use by another program`, {
        hint: `stop that program, or choose another port with ${flag} (0 = any free one)`,
        cause: error,
      })
    : new UmaError('config', 'cannot_listen', `cannot listen on ${host} port ${port}: ${error.message}`, {
        cause: error,
      });
}
