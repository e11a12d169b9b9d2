import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpSend } from '../../../src/adapters/http.ts';
import { startGateway } from '../../../src/gateway/start.ts';
import { startServer } from '../../../src/server/start.ts';
import { connectOwner } from '../../gateway/connect.ts';

for (const [layout, password, owner_claim] of [
  ['keycloak', 'password', 'preferred_username'],
  ['forgerock', 'Ch4ng31t', 'sub'],
] as const) {
  test(`an owner signs in on the pages behind the addresses of ${layout}, and connects a gateway`, async () => {
    const server = await startServer({ port: 0, layout });
    assert.ok(!server.switches.some(({ name }) => name === 'redirect-patterns'), 'this realm needs none');
    const gateway = await startGateway({
      upstream: 'http://127.0.0.1:9',
      routes: {
        default: 'deny',
        owner: 'alice',
        owner_claim,
        routes: [{ path: '/photo', scopes: ['view'], resource: 'Photo' }],
      },
      issuer: server.issuer,
      client: { id: 'UMA-Resource-Server', secret: 'password', method: 'client_secret_basic' },
      send: httpSend({ timeout: 5, insecure: false }),
      port: 0,
    });
    try {
      const { page } = await connectOwner(gateway.url, 'alice', password);
      assert.equal(page.status, 200, await page.text());
      const answer = await fetch(`${gateway.url}/photo`);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^UMA .*ticket="/);
    } finally {
      await gateway.close();
      await server.close();
    }
  });
}
