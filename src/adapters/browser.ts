/** The person's browser: opened where there is one, and awaited on a loopback address (RFC 8252 7.3). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UmaError } from '../protocol/errors.ts';

const CALLBACK = '/callback';
const DONE = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>uma</title>
<p>Done. You can close this page and go back to the terminal.</p></html>`;

/** Listens on `port` (0: a free one) for the one request that brings the browser back. `arrival` rejects when `signal` aborts. */
export async function listenForBrowser(
  signal: AbortSignal,
  port = 0,
): Promise<{ redirect_uri: string; arrival: Promise<URL>; close(): Promise<void> }> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new UmaError('usage', 'port_in_use', `127.0.0.1:${port} cannot be listened on (${error.code})`, {
      hint: '--port with another one that the client is registered for, or 0 for any',
    });
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const arrival = new Promise<URL>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    server.on('request', (request, response) => {
      const url = URL.parse(request.url ?? '', origin);
      // A browser also asks for a favicon; only the redirect counts.
      if (url === null || url.pathname !== CALLBACK) return void response.writeHead(404).end();
      const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', connection: 'close' };
      response.writeHead(200, { ...headers, 'referrer-policy': 'no-referrer' }).end(DONE, () => resolve(url));
    });
  });
  return {
    redirect_uri: `${origin}${CALLBACK}`,
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
