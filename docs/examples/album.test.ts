// A test suite that needs a UMA authorization server and a protected API: both run in this process, on free ports.
// Run it with: node --test docs/examples/album.test.ts
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type RunningGateway, type RunningServer, startGateway, startServer, UmaClient } from 'uma-cli';

// The API under test knows nothing of UMA: the gateway in front of it does.
const api = createServer((_request, response) => response.end('the photo that Alice took in Italy'));
let server: RunningServer;
let gateway: RunningGateway;
let uma: UmaClient;

before(async () => {
  server = await startServer();
  uma = new UmaClient({
    issuer: server.issuer,
    resourceServer: { id: 'UMA-Resource-Server', secret: 'password' },
    client: { id: 'UmaClient', secret: 'password' },
    people: { alice: 'password', bob: 'password' },
  });
  await once(api.listen(0, '127.0.0.1'), 'listening');
  gateway = await startGateway({
    upstream: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    issuer: server.issuer,
    client: { id: 'UMA-Resource-Server', secret: 'password', method: 'client_secret_basic' },
    pat: { mode: 'given', pat: await uma.pat('alice'), owner: 'alice' },
    routes: {
      default: 'deny',
      owner: 'alice',
      routes: [{ path: '/album/{id}', methods: ['GET'], scopes: ['view'], resource: 'Album {id}' }],
    },
  });
});

after(async () => {
  await gateway.close();
  await server.close();
  api.close();
});

test('Bob sees the photo when Alice has allowed it', async () => {
  const photo = `${gateway.url}/album/italy`;
  assert.equal((await uma.get('bob', photo)).kind, 'request_submitted');

  assert.equal(await uma.approve('alice'), 1);
  const answer = await uma.get('bob', photo);
  assert.equal(answer.kind === 'answer' && answer.text(), 'the photo that Alice took in Italy');
});

test('each step by itself', async () => {
  const resource_id = await uma.register('alice', { name: 'Diary', resource_scopes: ['read'] });
  const ticket = () => uma.ticket('alice', { resource_id, resource_scopes: ['read'] });

  const first = await uma.rpt('bob', await ticket());
  assert.equal(first.kind, 'request_submitted');
  const [request] = await uma.requests('alice');
  assert.equal(request?.resource_name, 'Diary');
  await uma.approve('alice', { ids: [request.id] });

  const second = await uma.rpt('bob', await ticket());
  assert(second.kind === 'granted');
  assert.deepEqual((await uma.introspect('alice', second.rpt)).permissions?.[0]?.resource_scopes, ['read']);

  await uma.revoke('alice', resource_id, 'bob');
  assert.equal((await uma.introspect('alice', second.rpt)).active, false);
});
