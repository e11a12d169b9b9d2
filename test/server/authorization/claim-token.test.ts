import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { createClaimTokenVerifier } from '../../../src/server/authorization/claim-token.ts';

const ISSUER = 'https://as.example';
const NOW = 1_700_000_000;
const { privateKey, publicKey } = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] };
const verifier = createClaimTokenVerifier([{ issuer: ISSUER, keys: { jwks }, algorithms: ['ES256'] }]);

interface Options {
  key?: typeof privateKey;
  typ?: string;
}
const token = (claims: JWTPayload = {}, { key = privateKey, typ }: Options = {}) =>
  new SignJWT({ iss: ISSUER, sub: 'bob', aud: 'UmaClient', iat: NOW - 10, exp: NOW + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...(typ === undefined ? {} : { typ }) })
    .sign(key);
const verify = (claimToken: string, format = ID_TOKEN_FORMAT, client = 'UmaClient', now = NOW) =>
  verifier.verify(claimToken, format, client, now);

async function faultOf(claimToken: string, format?: string, client?: string, now?: number): Promise<string> {
  const answer = await verify(claimToken, format, client, now);
  assert.ok('fault' in answer, `believed: ${JSON.stringify(answer)}`);
  return answer.fault;
}

describe('claim tokens (UMA Grant 3.3.1, 5.7)', () => {
  it('GRANT-3.3.1-06 an ID Token of this AS names the party and its claims', async () => {
    const answer = await verify(await token({ email: 'bob@example.com', name: 'Bob' }));
    assert.deepEqual(answer, {
      party: { iss: ISSUER, sub: 'bob', name: 'Bob' },
      claims: [
        { name: 'email', value: 'bob@example.com', issuer: ISSUER },
        { name: 'name', value: 'Bob', issuer: ISSUER },
      ],
    });
  });

  it('Q4 the same token encoded once more is read as well', async () => {
    const twice = Buffer.from(await token()).toString('base64url');
    assert.ok('party' in (await verify(twice)));
  });

  it('ATK-20 members about the token never become claims', async () => {
    const answer = await verify(await token({ auth_time: 1, acr: '9', nonce: 'n' }));
    assert.ok('claims' in answer);
    assert.deepEqual(answer.claims, []);
  });

  it('5 s of leeway at the end, not more', async () => {
    const late = await token({ exp: NOW - 4 });
    assert.ok('party' in (await verify(late)));
    assert.match(await faultOf(late, ID_TOKEN_FORMAT, 'UmaClient', NOW + 1), /expired/);
  });

  const refused: [string, () => Promise<string>, RegExp][] = [
    ['GRANT-3.3.6-05 expired', async () => faultOf(await token({ exp: NOW - 60 })), /expired/],
    ['not valid yet', async () => faultOf(await token({ nbf: NOW + 60 })), /not valid yet/],
    ['issued in the future', async () => faultOf(await token({ iat: NOW + 60 })), /future/],
    ['without an end', async () => faultOf(await token({ exp: undefined as unknown as number })), /"exp"/],
    ['GRANT-5.7-03 ATK-19 of another client', async () => faultOf(await token({ aud: 'other' })), /another client/],
    [
      'ATK-19 issued to another client, though this one is an audience',
      async () => faultOf(await token({ azp: 'other' })),
      /to another client/,
    ],
    ['several audiences without azp', async () => faultOf(await token({ aud: ['UmaClient', 'other'] })), /azp/],
    [
      'of an issuer that is not trusted',
      async () => faultOf(await token({ iss: 'https://evil.example' })),
      /not trusted/,
    ],
    ['signed by somebody else', async () => faultOf(await token({}, { key: stranger.privateKey })), /signature/],
    ['an access token, by its typ', async () => faultOf(await token({}, { typ: 'at+jwt' })), /typ/],
    ['a DPoP proof, by its typ', async () => faultOf(await token({}, { typ: 'dpop+jwt' })), /typ/],
    ['GRANT-3.3.1-04 not a JWT', () => faultOf('!!!'), /compact JWT/],
    ['an unknown format', async () => faultOf(await token(), 'urn:example:format'), /format/],
    ['without a subject', async () => faultOf(await token({ sub: undefined as unknown as string })), /"sub"/],
  ];
  for (const [name, faulty, expected] of refused)
    it(`not believed: ${name}`, async () => assert.match(await faulty(), expected));

  it('not believed: alg none, and a symmetric signature made with the public key', async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const payload = { iss: ISSUER, sub: 'bob', aud: 'UmaClient', exp: NOW + 60 };
    assert.match(await faultOf(`${encode({ alg: 'none' })}.${encode(payload)}.${encode('')}`), /algorithm none/);
    const hmac = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(JSON.stringify(jwks.keys[0])));
    assert.match(await faultOf(hmac), /algorithm HS256/);
  });

  it('a token that was believed for one client is still refused for another', async () => {
    const known = await token();
    assert.ok('party' in (await verify(known)));
    assert.match(await faultOf(known, ID_TOKEN_FORMAT, 'other'), /another client/);
  });
});
