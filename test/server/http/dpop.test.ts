import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type Harness, RS, start } from './harness.ts';

let uma: Harness;
let pat: string;
const pair = await generateKeyPair('ES256', { extractable: true });
const stranger = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(pair.publicKey);

interface ProofOptions {
  key?: typeof pair;
  header?: object;
  claims?: Record<string, unknown>;
}

async function proof(
  method: string,
  path: string,
  { key = pair, header = {}, claims = {} }: ProofOptions = {},
): Promise<string> {
  const publicJwk: JWK = await exportJWK(key.publicKey);
  const payload = {
    jti: randomUUID(),
    htm: method,
    htu: uma.server.issuer + path,
    iat: Math.floor(Date.now() / 1000),
    ath: createHash('sha256')
      .update(pat ?? '')
      .digest('base64url'),
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk, ...header })
    .sign(key.privateKey);
}

const list = (dpop: string | undefined, scheme = 'DPoP') =>
  uma.send('/resource_set', {
    headers: { authorization: `${scheme} ${pat}`, ...(dpop === undefined ? {} : { dpop }) },
  });

before(async () => {
  uma = await start();
  const form = { grant_type: 'password', username: 'alice', password: 'password', scope: 'uma_protection' };
  const answer = await uma.post('/token', form, RS, {
    dpop: await proof('POST', '/token', { claims: { ath: undefined } }),
  });
  assert.equal(answer.body.token_type, 'DPoP', 'SEC-9449-03');
  pat = answer.body.access_token;
});
after(() => uma[Symbol.asyncDispose]());

describe('a PAT bound to a key (RFC 9449 7)', () => {
  it('SEC-9449-01 SEC-9449-04: opens the protection API with a proof, and introspection shows the key', async () => {
    assert.equal((await list(await proof('GET', '/resource_set'))).status, 200);
    const permission = await uma.send('/introspect', {
      method: 'POST',
      headers: { authorization: `DPoP ${pat}`, dpop: await proof('POST', '/introspect') },
      body: new URLSearchParams({ token: pat }),
    });
    assert.equal(permission.body.cnf.jkt, await calculateJwkThumbprint(jwk));
  });

  it('a query is no part of htu, in the request or in the proof', async () => {
    const dpop = await proof('GET', '/resource_set', { claims: { htu: `${uma.server.issuer}/resource_set?x=1#y` } });
    assert.equal((await list(dpop)).status, 200);
  });

  const faults: [string, () => Promise<string | undefined>, string?][] = [
    ['no proof', async () => undefined],
    ['the token as Bearer', () => proof('GET', '/resource_set'), 'Bearer'],
    ['two proofs', async () => `${await proof('GET', '/resource_set')}, ${await proof('GET', '/resource_set')}`],
    ['text that is no JWT', async () => 'proof'],
    ['another key', () => proof('GET', '/resource_set', { key: stranger })],
    ['another typ', () => proof('GET', '/resource_set', { header: { typ: 'JWT' } })],
    [
      'a private key in it',
      async () => proof('GET', '/resource_set', { header: { jwk: await exportJWK(pair.privateKey) } }),
    ],
    ['another method', () => proof('POST', '/resource_set')],
    ['another address', () => proof('GET', '/permission')],
    ['no jti', () => proof('GET', '/resource_set', { claims: { jti: undefined } })],
    ['no ath', () => proof('GET', '/resource_set', { claims: { ath: undefined } })],
    ['the ath of another token', () => proof('GET', '/resource_set', { claims: { ath: 'x' } })],
    ['an old iat', () => proof('GET', '/resource_set', { claims: { iat: Math.floor(Date.now() / 1000) - 120 } })],
    [
      'an iat in the future',
      () => proof('GET', '/resource_set', { claims: { iat: Math.floor(Date.now() / 1000) + 120 } }),
    ],
  ];
  for (const [what, make, scheme] of faults) {
    it(`SEC-9449-01: ${what} is 401`, async () => {
      const answer = await list(await make(), scheme);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_(dpop_proof|token)"/);
    });
  }

  it('SEC-9449-05: a proof is good once', async () => {
    const dpop = await proof('GET', '/resource_set');
    assert.deepEqual([(await list(dpop)).status, (await list(dpop)).status], [200, 401]);
  });
});
