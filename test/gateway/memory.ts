/** How much memory the built gateway takes while a big body goes through it both ways. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { start, temporaryDirectory } from '../cli/uma.ts';
import { startUpstream } from './harness.ts';

const MIB = 1024 * 1024;

/** The peak of resident memory, in MiB (Linux), for a download and an upload of `size` MiB. */
export async function peakOf(size: number): Promise<number> {
  const bytes = size * MIB;
  const chunk = Buffer.alloc(64 * 1024, 1);
  let received = 0;
  const upstream = await startUpstream(async (incoming, response) => {
    if (incoming.method === 'PUT') {
      for await (const part of incoming) received += (part as Buffer).length;
      return void response.end('ok');
    }
    response.setHeader('content-length', bytes);
    let left = bytes;
    const write = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (left === 0) response.end(chunk);
        else if (!response.write(chunk)) return void response.once('drain', write);
      }
    };
    write();
  });
  const routes = join(temporaryDirectory(), 'routes.json');
  writeFileSync(routes, '{"default":"pass","routes":[]}');
  const child = start(['gateway', '--upstream', upstream.url, '--config', routes, '--port', '0'], {
    env: { UMA_ISSUER: 'http://127.0.0.1:1', UMA_RS_CLIENT_ID: 'x', UMA_RS_CLIENT_SECRET: 'x' },
  });
  try {
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    let taken = 0;
    const [response] = (await once(get(`${url}/big`), 'response')) as [IncomingMessage];
    for await (const part of response) taken += (part as Buffer).length;
    assert.equal(taken, bytes);
    const put = request(`${url}/big`, { method: 'PUT', headers: { 'content-length': bytes } });
    for (let left = bytes; left > 0; left -= chunk.length) if (!put.write(chunk)) await once(put, 'drain');
    put.end();
    await once(put, 'response');
    assert.equal(received, bytes);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
  } finally {
    child.kill('SIGKILL');
    upstream.server.closeAllConnections();
    upstream.server.close();
  }
}
