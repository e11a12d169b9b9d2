// What clients sign names the addresses that they read in the metadata: proofs and assertions have to fit a layout's.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startServer } from '../../../../src/server/start.ts';

const server = await startServer({ port: 0, layout: 'forgerock' });
after(() => server.close());
const { publicKey, privateKey } = await generateKeyPair('ES256');
const jwk = await exportJWK(publicKey);
const document = (await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json()) as Record<
  string,
  string
>;

async function proof(method: string, url: string, token?: string): Promise<string> {
  const ath =
    token === undefined
      ? {}
      : {
          ath: Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))).toString(
            'base64url',
          ),
        };
  return new SignJWT({ htm: method, htu: url, jti: crypto.randomUUID(), ...ath })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .setIssuedAt()
    .sign(privateKey);
}

test('a DPoP-bound PAT is got and used at the published addresses; for another address the proof is none (RFC 9449 4.3)', async () => {
  const ask = async (htu: string) =>
    fetch(document.token_endpoint!, {
      method: 'POST',
      headers: { dpop: await proof('POST', htu) },
      body: new URLSearchParams({
        grant_type: 'password',
        scope: 'uma_protection',
        username: 'alice',
        password: 'Ch4ng31t',
        client_id: 'UMA-Resource-Server',
        client_secret: 'password',
      }),
    });
  const wrong = await ask(`${server.issuer}/elsewhere`);
  assert.deepEqual([wrong.status, ((await wrong.json()) as { error: string }).error], [400, 'invalid_dpop_proof']);
  const answer = await ask(document.token_endpoint!);
  const { access_token, token_type } = (await answer.json()) as Record<string, string>;
  assert.deepEqual([answer.status, token_type], [200, 'DPoP']);

  const resources = document.resource_registration_endpoint!;
  const read = async (headers: Record<string, string>) => (await fetch(resources, { headers })).status;
  const bound = { authorization: `DPoP ${access_token}` };
  assert.equal(await read({ ...bound, dpop: await proof('GET', resources, access_token) }), 200);
  assert.equal(await read({ ...bound, dpop: await proof('GET', `${server.url}/resource_set`, access_token) }), 401);
  assert.equal(await read({ authorization: `Bearer ${access_token}` }), 401);
});

test('every endpoint of the document answers, the pages of the code flow too', async () => {
  for (const [name, address] of Object.entries(document)) {
    if (!/_(endpoint|uri)$/.test(name)) continue;
    const { status } = await fetch(address, { redirect: 'manual' });
    assert.ok(status !== 404 && status < 500, `${name} ${address}: ${status}`);
  }
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'UmaClient',
    redirect_uri: 'http://127.0.0.1/callback',
    scope: 'openid',
    state: 's',
  });
  const asked = await fetch(`${document.authorization_endpoint}?${query}`, { redirect: 'manual' });
  assert.equal(asked.status, 303);
  const cookie = asked.headers
    .getSetCookie()
    .map((item) => item.split(';')[0])
    .join('; ');
  const page = await fetch(new URL(asked.headers.get('location')!, document.authorization_endpoint), {
    headers: { cookie },
  });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<form/);
});
