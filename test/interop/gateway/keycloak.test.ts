import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { httpSend } from '../../../src/adapters/http.ts';
import { startGateway } from '../../../src/gateway/start.ts';
import { findUmaChallenge } from '../../../src/protocol/challenge.ts';
import { connectOwner } from '../../gateway/connect.ts';
import { startUpstream } from '../../gateway/harness.ts';
import { playPhotoGateway } from '../../walkthrough/photo-gateway.ts';
import { ENVIRONMENT, issuer, openPeer, RS } from '../keycloak/peer.ts';

const peer = openPeer();
after(() => peer.close());

test('uma gateway and uma get at a real Keycloak: 401 for curl, exit 7, approved, the file, revoked', () =>
  playPhotoGateway(async () => ({ env: { ...ENVIRONMENT, UMA_ISSUER: issuer() }, rptOutlivesRevocation: true })));

test('an owner connects in a browser; a gateway that forgot everything finds the resource by its name', async () => {
  const upstream = await startUpstream();
  const start = () =>
    startGateway({
      upstream: upstream.url,
      routes: {
        default: 'deny',
        owner: 'alice',
        owner_claim: 'preferred_username',
        connect_scopes: ['offline_access'],
        routes: [{ path: '/connected', scopes: ['view'], resource: 'Connected' }],
      },
      issuer: issuer(),
      client: { id: RS, secret: 'secret', method: 'client_secret_basic' },
      send: httpSend({ timeout: 10, insecure: false }),
      port: 0,
    });
  const ids: string[] = [];
  try {
    for (let restarts = 0; restarts < 2; restarts += 1) {
      const gateway = await start();
      try {
        const { page } = await connectOwner(gateway.url, 'alice');
        assert.equal(page.status, 200, await page.text());
        const refused = await fetch(`${gateway.url}/connected`);
        assert.equal(refused.status, 401);
        const challenge = findUmaChallenge(refused.headers.get('www-authenticate') ?? '');
        assert.equal(challenge?.as_uri, issuer());
        const [, payload = ''] = challenge?.ticket.split('.') ?? [];
        const ticket = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { permissions: { rsid: string }[] };
        ids.push(ticket.permissions[0]!.rsid);
      } finally {
        await gateway.close();
      }
    }
    assert.equal(ids[0], ids[1]);
    const resource = await peer.ok<{ owner: { name: string } }>(['resource', 'show', 'Connected']);
    assert.equal(resource.owner.name, 'alice');
  } finally {
    await peer.run(['resource', 'delete', 'Connected', '--yes']);
    upstream.server.close();
  }
});
