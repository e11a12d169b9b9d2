import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { after, test } from 'node:test';
import { httpSend, MAX_ANSWER } from '../../src/adapters/http.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { type HttpRequest, jsonRequest } from '../../src/protocol/http.ts';

const pem = (name: string) => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const peer = async (listener: RequestListener) => `http://${await listen(createServer(listener))}`;

const send = httpSend({ timeout: 5, insecure: false });
const GET = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} });
const network = (code: string, says: RegExp) => (error: unknown) =>
  error instanceof UmaError &&
  error.category === 'network' &&
  error.code === code &&
  says.test(`${error.message} ${error.hint}`);

test('carries method, headers and body as they are, gives status, headers and body back', async () => {
  const url = await peer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.setHeader('www-authenticate', ['Bearer', 'UMA realm="x"']);
    response
      .writeHead(418)
      .end(JSON.stringify([request.method, request.headers['x-a'], Buffer.concat(chunks).toString()]));
  });
  const response = await send(jsonRequest('PUT', `${url}/x`, { ä: 1 }, { 'x-a': 'b' }));
  assert.equal(response.status, 418);
  assert.deepEqual(JSON.parse(response.body), ['PUT', 'b', '{"ä":1}']);
  assert.equal(response.headers['www-authenticate'], 'Bearer, UMA realm="x"');
  assert.equal(response.headers['set-cookie'], 'a=1\nb=2');
});

test('follows no redirect and repeats nothing', async () => {
  let requests = 0;
  const url = await peer((_request, response) => {
    requests += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  assert.equal((await send(jsonRequest('POST', url, {}))).status, 307);
  const busy = await peer((_request, response) => {
    requests += 1;
    response.writeHead(503, { 'retry-after': '0' }).end();
  });
  assert.equal((await send(GET(busy))).status, 503);
  assert.equal(requests, 2);
});

test('an answer over the limit is cut off', async () => {
  const url = await peer((_request, response) => {
    response.writeHead(200);
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await assert.rejects(send(GET(url)), network('answer_too_large', new RegExp(`${MAX_ANSWER / 1024 / 1024} MiB`)));
});

test('an answer that does not come is a timeout, with the address tried', async () => {
  const url = await peer(() => {});
  await assert.rejects(httpSend({ timeout: 0.2, insecure: false })(GET(`${url}/slow?secret=1`)), (error) => {
    return (
      network('timeout', /\/slow: no complete answer within 0\.2 s .*--timeout/)(error) &&
      !/secret=1/.test((error as Error).message)
    );
  });
});

test('nobody listens: the address tried and the hint of the caller', async () => {
  const refused = httpSend({ timeout: 5, insecure: false, hintWhenRefused: () => 'is `uma serve` running?' });
  await assert.rejects(
    refused(GET('http://127.0.0.1:1/x')),
    network('connection_refused', /http:\/\/127\.0\.0\.1:1 .*uma serve/),
  );
});

test('a connection that breaks off is a network error', async () => {
  const url = await peer((request) => request.socket.destroy());
  await assert.rejects(send(GET(url)), network('connection_failed', /ECONNRESET|hang up/));
});

test('cli 28: plain http goes to loopback only; --insecure allows it', async () => {
  await assert.rejects(send(GET('http://as.example/token')), { code: 'plain_http', category: 'config' });
  await assert.rejects(send(GET('ftp://as.example/token')), { code: 'plain_http' });
  await assert.rejects(send(GET('http://127.0.0.1.evil.example/')), { code: 'plain_http' });
});

test('cli 28: an unknown certificate is refused, --ca-file trusts it, --insecure too', async () => {
  const server = createTlsServer({ cert: pem('loopback'), key: pem('loopback-key') }, (_request, response) =>
    response.end('ok'),
  );
  const url = `https://${await listen(server)}`;
  await assert.rejects(send(GET(url)), network('tls_untrusted', /--ca-file/));
  assert.equal((await httpSend({ timeout: 5, insecure: false, ca: pem('loopback') })(GET(url))).body, 'ok');
  assert.equal((await httpSend({ timeout: 5, insecure: true })(GET(url))).body, 'ok');
});

test('an aborted signal ends the exchange as interrupted', async () => {
  const controller = new AbortController();
  const url = await peer(() => controller.abort());
  await assert.rejects(httpSend({ timeout: 5, insecure: false, signal: controller.signal })(GET(url)), {
    category: 'interrupted',
  });
});

test('cli 28: HTTPS_PROXY carries what goes elsewhere, NO_PROXY and this machine are reached directly', async () => {
  const server = createTlsServer({ cert: pem('loopback'), key: pem('loopback-key') }, (_request, response) =>
    response.end('ok'),
  );
  const address = await listen(server);
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    const there = connect(Number(address.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(there).pipe(socket);
    });
    there.on('error', () => {});
    socket.on('error', () => {});
  });
  const url = `http://me:geheim@${await listen(proxy)}`;
  const through = (env: Record<string, string>) => httpSend({ timeout: 5, insecure: true, env });
  assert.equal((await through({ HTTPS_PROXY: url })(GET('https://as.test/x'))).body, 'ok');
  assert.deepEqual(asked, [`as.test:443 Basic ${btoa('me:geheim')}`]);
  assert.equal((await through({ https_proxy: url })(GET(`https://${address}`))).body, 'ok');
  await assert.rejects(through({ HTTPS_PROXY: url, NO_PROXY: '.test' })(GET('https://as.test/x')), {
    category: 'network',
  });
  assert.equal(asked.length, 1);
  await assert.rejects(through({ HTTPS_PROXY: 'geheim' })(GET('https://as.test/x')), {
    code: 'invalid_proxy',
    category: 'config',
    message: 'HTTPS_PROXY is no http or https address',
  });
});
