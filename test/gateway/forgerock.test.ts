import assert from 'node:assert/strict';
import { it } from 'node:test';
import { httpSend } from '../../src/adapters/http.ts';
import { startGateway } from '../../src/gateway/start.ts';
import { startUma } from '../commands/uma.ts';
import { RS_CLIENT, startUpstream } from './harness.ts';

it('the gateway and uma get at a server with the layout of a ForgeRock AM', async () => {
  const uma = await startUma({ layout: 'forgerock' });
  // The people of AM's manual.
  const env = { UMA_OWNER_PASSWORD: 'Ch4ng31t', UMA_PARTY_PASSWORD: 'password' };
  const upstream = await startUpstream();
  const pat = await uma.run(['pat', '--owner', 'alice', '--field', 'access_token'], { env });
  assert.equal(pat.code, 0, pat.err);
  const gateway = await startGateway({
    upstream: upstream.url,
    routes: { default: 'deny', owner: 'alice', routes: [{ path: '/*', scopes: ['view'], resource: 'Files' }] },
    issuer: uma.server.issuer,
    client: RS_CLIENT,
    send: httpSend({ timeout: 5, insecure: false }),
    port: 0,
    pat: { mode: 'given', pat: pat.out.trim(), owner: 'alice' },
  });
  try {
    const asked = await uma.run(['get', `${gateway.url}/a.txt`, '--party', 'bob'], { env });
    assert.equal(asked.code, 7, asked.err);
    const approved = await uma.run(['approve', '--all', '--owner', 'alice'], { env });
    assert.equal(approved.code, 0, approved.err);
    const got = await uma.run(['get', `${gateway.url}/a.txt`, '--party', 'bob'], { env });
    assert.deepEqual([got.code, got.out], [0, 'the photo'], got.err);
  } finally {
    await gateway.close();
    upstream.server.closeAllConnections();
    upstream.server.close();
    await uma.close();
  }
});
