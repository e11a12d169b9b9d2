import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import WebSocket, { WebSocketServer } from 'ws';
import { bearer, type Gate, ROUTES, startGate, startUpstream, type Upstream } from './harness.ts';
import { peakOf } from './memory.ts';

const MIB = 1024 * 1024;

describe('bodies', () => {
  let gate: Gate;
  let upstream: Upstream;
  let token: string;
  const taken = { bytes: 0, aborted: 0 };
  before(async () => {
    upstream = await startUpstream(async (incoming, response) => {
      if (incoming.url?.startsWith('/photos/endless')) {
        const chunk = Buffer.alloc(64 * 1024);
        const write = (): void => {
          while (response.write(chunk)) taken.bytes += chunk.length;
          response.once('drain', write);
        };
        response.once('close', () => {
          taken.aborted += 1;
        });
        return write();
      }
      if (incoming.url === '/photos/early') return void response.writeHead(200).write('first');
      if (incoming.url === '/photos/headers')
        return void response.writeHead(203, { 'x-own': 'a', 'keep-alive': 'timeout=9' }).end('x');
      // A sender who leaves has said nothing.
      return void response.end(await text(incoming).catch(() => ''));
    });
    gate = await startGate({ upstreamServer: upstream });
    token = await gate.rpt('/photos/a');
  });
  after(() => gate[Symbol.asyncDispose]());

  it('the first bytes come before the last are made; status and headers as they are, without hop-by-hop', async () => {
    const controller = new AbortController();
    const early = await gate.fetch('/photos/early', { headers: bearer(token), signal: controller.signal });
    const { value } = await early.body!.getReader().read();
    assert.equal(Buffer.from(value!).toString(), 'first');
    controller.abort();
    const { status, headers } = await gate.fetch('/photos/headers', { headers: bearer(token) });
    assert.deepEqual([status, headers.get('x-own')], [203, 'a']);
    assert.notEqual(headers.get('keep-alive'), 'timeout=9');
  });

  it('a reader that stops stops the upstream, and a reader that leaves ends the request there', async () => {
    const [response] = (await once(
      get(`${gate.gateway.url}/photos/endless`, { headers: bearer(token) }),
      'response',
    )) as [IncomingMessage];
    let last = -1;
    // Standing still: nothing was taken between two looks with other work in between.
    for (let same = 0; same < 5; ) {
      await (await gate.fetch('/open/x')).text();
      same = taken.bytes === last ? same + 1 : 0;
      last = taken.bytes;
    }
    assert.ok(taken.bytes < 32 * MIB, `${taken.bytes} bytes were taken for a reader that reads nothing`);
    const before = taken.aborted;
    response.destroy();
    while (taken.aborted === before) await (await gate.fetch('/open/x')).text();
  });

  it('200 slow clients, in the middle of an answer or of a body that they send, do not stop the fast ones', async () => {
    const reading = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const sent = get(`${gate.gateway.url}/photos/early`, { headers: bearer(token), agent: false });
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        return response;
      }),
    );
    const writing = Array.from({ length: 100 }, () => {
      const sent = request(`${gate.gateway.url}/open/x`, {
        method: 'POST',
        headers: { 'content-length': 10 },
        agent: false,
      });
      sent.on('error', () => {}).write('1');
      return sent;
    });
    // None of the slow ones ends before they are ended here, so each of these came past all of them.
    for (let n = 0; n < 20; n += 1) {
      const response = await gate.fetch('/open/x', { method: 'POST', body: `fast ${n}` });
      assert.deepEqual([response.status, await response.text()], [200, `fast ${n}`]);
    }
    assert.ok(reading.every(({ complete, destroyed }) => !complete && !destroyed));
    assert.ok(writing.every(({ destroyed }) => !destroyed));
    for (const one of [...reading, ...writing]) one.destroy();
  });
});

it('limits: a longer body is 413, announced or not; a silent upstream 504, none 502; a GET with a body 400', async () => {
  const sockets = new Set<Socket>();
  const upstream = await startUpstream((incoming, response) => {
    if (incoming.url === '/silent') sockets.add(incoming.socket);
    else incoming.resume().once('end', () => response.end('ok'));
  });
  await using gate = await startGate({
    upstreamServer: upstream,
    routes: { default: 'pass', routes: [], limits: { body: 10, idle: 1 } },
  });
  assert.equal((await gate.fetch('/x', { method: 'POST', body: '1234567890' })).status, 200);
  assert.equal((await gate.fetch('/x', { method: 'POST', body: '12345678901' })).status, 413);
  const chunked = request(`${gate.gateway.url}/x`, { method: 'POST' });
  chunked.on('error', () => {});
  chunked.write('12345678901');
  chunked.end();
  const [refused] = (await once(chunked, 'response')) as [IncomingMessage];
  assert.equal(refused.statusCode, 413);
  refused.resume();
  const smuggled = request(`${gate.gateway.url}/x`, { method: 'GET', headers: { 'content-length': '1' } });
  smuggled.end('x');
  assert.equal(((await once(smuggled, 'response')) as [IncomingMessage])[0].statusCode, 400);
  assert.equal((await gate.fetch('/silent')).status, 504);
  upstream.server.closeAllConnections();
  upstream.server.close();
  assert.equal((await gate.fetch('/x')).status, 502);
});

describe('WebSocket', () => {
  let gate: Gate;
  let sockets: WebSocketServer;
  const state = { life: 3600, headers: {} as IncomingMessage['headers'], url: '' };
  before(async () => {
    const server = createServer();
    sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket, { headers, url = '' }) => {
      state.headers = headers;
      state.url = url;
      socket.on('message', (data, binary) => socket.send(data, { binary }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    gate = await startGate({
      upstreamServer: { server, url, seen: [] },
      routes: { ...ROUTES, cache: { read: 0 } },
      wrap: (send) => async (outgoing) => {
        const answer = await send(outgoing);
        if (!outgoing.url.endsWith('/introspect')) return answer;
        const body = JSON.parse(answer.body) as Record<string, unknown>;
        return { ...answer, body: JSON.stringify({ ...body, exp: Date.now() / 1000 + state.life }) };
      },
    });
  });
  after(async () => {
    sockets.close();
    await gate[Symbol.asyncDispose]();
  });
  const open = (headers: Record<string, string>, path = '/photos/live?x=1') =>
    new WebSocket(`${gate.gateway.url.replace('http', 'ws')}${path}`, { headers });

  it('without a sufficient RPT the upgrade is answered as any request: 401 with a ticket', async () => {
    const socket = open({});
    socket.on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    assert.equal(response.statusCode, 401);
    assert.match(response.headers['www-authenticate'] ?? '', /^UMA .*ticket=/);
    socket.terminate();
  });

  it('with one it goes both ways, the identity in the handshake and the RPT not', async () => {
    const token = await gate.rpt('/photos/a');
    const socket = open({ ...bearer(token), 'x-uma-subject': 'mallory' });
    await once(socket, 'open');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    assert.equal(data.toString(), 'hello');
    assert.equal(state.url, '/photos/live?x=1');
    assert.equal(state.headers['x-uma-subject'], 'bob');
    assert.equal(state.headers.authorization, undefined);
    socket.close();
    await once(socket, 'close');
  });

  it('it is closed when the RPT ends', async () => {
    const token = await gate.rpt('/photos/a');
    state.life = 0.5;
    const socket = open(bearer(token));
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    state.life = 3600;
    assert.deepEqual([code, reason.toString()], [1008, 'the RPT has ended']);
  });

  it('an ambiguous path and a deny rule hold for upgrades too', async () => {
    const token = await gate.rpt('/photos/a');
    for (const [path, status] of [
      ['/photos//live', 400],
      ['/photos/secret.png', 403],
    ] as const) {
      const raw = connect(Number(new URL(gate.gateway.url).port), '127.0.0.1');
      raw.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      );
      assert.match((await buffer(raw)).toString(), new RegExp(`^HTTP/1.1 ${status} `));
    }
  });
});

it('256 MiB go through, down and up, with less than 100 MiB of memory', async () => {
  const peak = await peakOf(256);
  assert.ok(peak < 100, `the gateway took ${peak} MiB`);
});
