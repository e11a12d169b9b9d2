// Clients that registered themselves: what is kept of their secrets, and what their addresses make the server do.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { temporaryCertificate } from '../../../src/commands/conformance/embedded.ts';
import { openStores } from '../../../src/server/stores/open.ts';
import { temporaryDirectory } from '../../cli/uma.ts';
import { type Harness, start, testConfig } from './harness.ts';

const open = () => ({ ...testConfig(), registration: {} });
const metadata = {
  redirect_uris: ['https://client.example/cb'],
  grant_types: ['client_credentials'],
  response_types: [],
};
const granted = async (as: Harness, id: string, secret: string) =>
  (await as.post('/token', { grant_type: 'client_credentials' }, `${id}:${secret}`)).status === 200;

it('a secret is told once and kept as a hash, which is no secret itself', async () => {
  const dataDir = temporaryDirectory();
  let client: {
    client_id: string;
    client_secret: string;
    registration_client_uri: string;
    registration_access_token: string;
  };
  {
    await using as = await start({ config: open(), dataDir });
    client = (await as.json('POST', '/register', undefined, metadata)).body;
    assert.ok(client.client_secret.length >= 43);
    assert.ok(await granted(as, client.client_id, client.client_secret));
    const shown = await as.json('GET', client.registration_client_uri, client.registration_access_token);
    assert.equal(shown.status, 200);
    assert.equal(shown.body.client_id, client.client_id);
    assert.equal('client_secret' in shown.body, false);
  }
  const bytes = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name), 'latin1'));
  assert.ok(!bytes.join('').includes(client.client_secret));
  const stores = await openStores({ dataDir });
  const kept = (await stores.artifacts.payload('Client', client.client_id, 0))?.client_secret as string;
  await stores.close();
  await using as = await start({ config: open(), dataDir });
  assert.ok(await granted(as, client.client_id, client.client_secret));
  for (const wrong of [kept, kept.split(':').at(-1)!, 'x'])
    assert.ok(!(await granted(as, client.client_id, wrong)), wrong);
  assert.equal(
    (await as.post('/introspect', { token: 'x' }, `${client.client_id}:${client.client_secret}`)).status,
    200,
  );
});

it('a secret that was kept before secrets were hashed goes on, and is hashed when it is next looked for', async () => {
  const dataDir = temporaryDirectory();
  const stores = await openStores({ dataDir });
  const payload = {
    client_id: 'old',
    client_secret: 'a-secret-of-before',
    ...metadata,
    token_endpoint_auth_method: 'client_secret_basic',
  };
  await stores.artifacts.put({ kind: 'Client', id: 'old', payload });
  {
    await using as = await start({ config: open(), dataDir });
    assert.ok(await granted(as, 'old', 'a-secret-of-before'));
    assert.ok(await granted(as, 'old', 'a-secret-of-before'), 'again');
    assert.ok(!(await granted(as, 'old', 'another')));
  }
  const kept = await stores.artifacts.payload('Client', 'old', 0);
  await stores.close();
  assert.match(String(kept?.client_secret), /^uma:sha256:[\w-]{43}$/);
});

/** A server that counts what reaches it, once over http and once over https that this process trusts. */
async function inside(t: TestContext) {
  const tls = await temporaryCertificate();
  setDefaultCACertificates([...getCACertificates(), tls.ca]);
  const asked: string[] = [];
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'k' }] });
  const [http, https] = [
    createServer(),
    createTlsServer({ cert: readFileSync(tls.files.cert), key: readFileSync(tls.files.key) }),
  ];
  const origins = await Promise.all(
    [http, https].map(async (server, index) => {
      server.on('request', (request, response) => {
        asked.push(`${index === 0 ? 'http' : 'https'} ${request.url}`);
        response.setHeader('content-type', 'application/json').end(keys);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `${index === 0 ? 'http' : 'https'}://127.0.0.1:${(server.address() as { port: number }).port}`;
    }),
  );
  t.after(async () => {
    for (const server of [http, https]) server.closeAllConnections();
    for (const server of [http, https]) server.close();
    await tls.remove();
  });
  return { origins, asked, privateKey };
}

it('ATK-23: a jwks_uri or sector_identifier_uri that leads into this network is not asked', async (t) => {
  const { origins, asked, privateKey } = await inside(t);
  for (const origin of origins) assert.equal((await fetch(`${origin}/control`)).status, 200);
  assert.deepEqual(asked.splice(0), ['http /control', 'https /control'], 'this process gets there');
  const as = await start({ config: open() });
  t.after(() => as.server.close());
  const [http = '', https = ''] = origins;
  for (const origin of [http, https, http.replace('127.0.0.1', 'localhost'), https.replace('127.0.0.1', 'localhost')]) {
    const { status, body } = await as.json('POST', '/register', undefined, {
      ...metadata,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks_uri: `${origin}/jwks`,
    });
    if (status !== 201) continue;
    const client_assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(body.client_id)
      .setSubject(body.client_id)
      .setAudience(as.server.issuer)
      .setJti(origin)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
    const answer = await as.post('/token', {
      grant_type: 'client_credentials',
      client_assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    assert.ok([400, 401].includes(answer.status), answer.text);
    assert.doesNotMatch(answer.text, /ECONN|socket|127/);
  }
  for (const origin of origins) {
    const sector = { ...metadata, subject_type: 'public', sector_identifier_uri: `${origin}/sector` };
    assert.equal((await as.json('POST', '/register', undefined, sector)).status, 400);
  }
  assert.deepEqual(asked, []);
});
