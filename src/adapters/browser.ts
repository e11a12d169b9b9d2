/** The person's browser: opened where there is one, and awaited on a loopback address (RFC 8252 7.3). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UmaError } from '../protocol/errors.ts';

const CALLBACK = '/callback';
const DONE = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>uma</title>
<p>Done. You can close this page and go back to the terminal.</p></html>`;

/**
 * Listens on `at`, a port (0: a free one) or exactly this address of this machine, for the one request that brings the browser back.
 * `arrival` rejects when `signal` aborts.
 * @throws UmaError `port_in_use` (usage).
 */
export async function listenForBrowser(
  signal: AbortSignal,
  at: number | string = 0,
): Promise<{ redirect_uri: string; arrival: Promise<URL>; close(): Promise<void> }> {
  const wanted = new URL(typeof at === 'string' ? at : `http://127.0.0.1:${at}${CALLBACK}`);
  const server = createServer();
  server.listen(Number(wanted.port || 80), wanted.hostname.replace(/^\[|\]$/g, ''));
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new UmaError('usage', 'port_in_use', `${wanted.host} cannot be listened on (${error.code})`, {
      hint: `${typeof at === 'string' ? '--claims-redirect-uri' : '--port'} with another one that the client is registered for, or free this one`,
    });
  });
  if (typeof at === 'number') wanted.port = String((server.address() as AddressInfo).port);
  const arrival = new Promise<URL>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    server.on('request', (request, response) => {
      const url = URL.parse(request.url ?? '', wanted.origin);
      // A browser also asks for a favicon; only the redirect counts.
      if (url === null || url.pathname !== wanted.pathname) return void response.writeHead(404).end();
      const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', connection: 'close' };
      response.writeHead(200, { ...headers, 'referrer-policy': 'no-referrer' }).end(DONE, () => resolve(url));
    });
  });
  return {
    redirect_uri: typeof at === 'string' ? at : wanted.href,
    arrival,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const OPENERS: Record<string, readonly string[]> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens the address if the system knows how; that it does not is no error, because the address was printed too. */
export function openBrowser(url: string, platform: string): void {
  const [command = 'xdg-open', ...args] = OPENERS[platform] ?? [];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
