import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { it } from 'node:test';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { createClaimTokenVerifier } from '../../../src/server/authorization/claim-token.ts';

const ISSUER = 'https://idp.example';

/** An issuer whose key set the test changes, behind a real address. */
async function issuer() {
  const keys = new Map<string, { privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']; jwk: JWK }>();
  for (const kid of ['one', 'two']) {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } });
  }
  const published = new Set(['one', 'two']);
  const server = createServer((_request, response) => {
    const list = [...published].map((kid) => keys.get(kid)?.jwk);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: list }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const sign = (kid: string, now: number, life: number) =>
    new SignJWT({ iss: ISSUER, sub: 'bob', aud: 'UmaClient', iat: now, exp: now + life })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(keys.get(kid)!.privateKey);
  return { sign, published, jwks_uri: `http://127.0.0.1:${port}/jwks`, close: () => server.close() };
}

it('ATK-19: a token that was believed before is not, once its key is out of the key set of its issuer', async (t) => {
  // The clock of the key set's age; its age limit is ten minutes.
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const idp = await issuer();
  t.after(idp.close);
  const { verify } = createClaimTokenVerifier([
    { issuer: ISSUER, keys: { jwks_uri: idp.jwks_uri }, algorithms: ['ES256'] },
  ]);
  const now = () => Math.floor(Date.now() / 1000);
  const believed = async (token: string) => 'party' in (await verify(token, ID_TOKEN_FORMAT, 'UmaClient', now()));
  const [one, two] = [await idp.sign('one', now(), 7200), await idp.sign('two', now(), 7200)];
  assert.deepEqual([await believed(one), await believed(two)], [true, true]);
  idp.published.delete('one');
  t.mock.timers.tick(601_000);
  assert.deepEqual([await believed(one), await believed(two)], [false, true]);
  assert.deepEqual([await believed(one), await believed(two)], [false, true], 'also when asked again');
});

it('a token that was believed before has its time looked at again, and is forgotten with it', async (t) => {
  const idp = await issuer();
  t.after(idp.close);
  const { verify } = createClaimTokenVerifier([
    { issuer: ISSUER, keys: { jwks_uri: idp.jwks_uri }, algorithms: ['ES256'] },
  ]);
  const token = await idp.sign('one', 1_700_000_000, 60);
  assert.ok('party' in (await verify(token, ID_TOKEN_FORMAT, 'UmaClient', 1_700_000_000)));
  for (let times = 0; times < 2; times += 1)
    assert.deepEqual(await verify(token, ID_TOKEN_FORMAT, 'UmaClient', 1_700_000_065), { fault: 'it has expired' });
});
