import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { testConfig } from '../server/http/harness.ts';
import { bearer, type Gate, ROUTES, startGate } from './harness.ts';

describe('RPTs checked offline', () => {
  let gate: Gate;
  before(async () => {
    gate = await startGate({ verify: 'jwt', server: { rptFormat: 'jwt', config: testConfig() } });
  });
  after(() => gate[Symbol.asyncDispose]());

  it('FED-5-01: a JWT RPT opens without a call; the keys are fetched once', async () => {
    const rpt = await gate.rpt('/photos/a.png');
    gate.newCalls();
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
    assert.deepEqual(gate.newCalls(), ['/jwks']);
    assert.equal((await gate.fetch('/photos/a.png', { method: 'GET', headers: bearer(rpt) })).status, 200);
    assert.deepEqual(gate.newCalls(), []);
    assert.equal(gate.upstream.seen.at(-1)?.headers['x-uma-subject'], 'bob');
    assert.equal(
      (await gate.challenge('/photos/a.png', { method: 'PUT', headers: bearer(rpt) })).error,
      'insufficient_scope',
    );
  });

  it('ATK-28: an ID Token, a PAT, a changed signature and an unsigned token are no RPTs: 401', async () => {
    const rpt = await gate.rpt('/photos/a.png');
    const [, payload = ''] = rpt.split('.');
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
    const flipped = rpt.slice(0, -4) + (rpt.endsWith('AAAA') ? 'BBBB' : 'AAAA');
    for (const token of [await gate.as.claimToken('bob'), gate.pat, none, flipped])
      assert.equal((await gate.challenge('/photos/a.png', { headers: bearer(token) })).error, 'invalid_token');
  });
});

describe('ATK-28: claims of a JWT RPT, signed by a key that the AS publishes', () => {
  const state: { jwks: object } = { jwks: {} };
  let gate: Gate;
  let sign: (claims: JWTPayload, header?: object) => Promise<string>;
  let base: JWTPayload & { permissions: object[] };
  before(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    state.jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] };
    gate = await startGate({
      verify: 'jwt',
      routes: { ...ROUTES, limits: { tickets_per_minute: 1000 } },
      wrap: (send) => async (request) =>
        request.url.endsWith('/jwks') ? { status: 200, headers: {}, body: JSON.stringify(state.jwks) } : send(request),
    });
    sign = (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k', ...header }).sign(privateKey);
    await gate.challenge('/photos/a.png');
    const { resource_id } = JSON.parse(gate.calls.at(-1)!.request.body ?? '{}') as { resource_id: string };
    const now = Math.floor(Date.now() / 1000);
    const permissions = [{ resource_id, resource_scopes: ['view'] }];
    base = { iss: gate.as.server.issuer, aud: 'UMA-Resource-Server', sub: 'bob', iat: now, exp: now + 60, permissions };
  });
  after(() => gate[Symbol.asyncDispose]());

  const status = async (token: string) => (await gate.fetch('/photos/a.png', { headers: bearer(token) })).status;

  it('passes when all is right', async () => assert.equal(await status(await sign(base)), 200));

  it('iss, aud, exp, nbf, typ and the times of each permission are checked', async () => {
    const now = Math.floor(Date.now() / 1000);
    const { exp: _exp, ...endless } = base;
    const { aud: _aud, ...forNobody } = base;
    const [permission] = base.permissions;
    const wrong: [string, JWTPayload, object?][] = [
      ['iss', { ...base, iss: 'https://other.example' }],
      ['aud', { ...base, aud: 'other-rs' }],
      ['no aud', forNobody],
      ['exp', { ...base, exp: now - 1 }],
      ['no exp', endless],
      ['nbf', { ...base, nbf: now + 60 }],
      ['typ of an ID Token', base, { typ: 'JWT' }],
      ['no typ', base, { typ: undefined }],
      ['permission has ended', { ...base, permissions: [{ ...permission, exp: now - 1 }] }],
      ['permission does not hold yet', { ...base, permissions: [{ ...permission, nbf: now + 60 }] }],
      ['bound to a key (SEC-9449-04)', { ...base, cnf: { jkt: 'x' } }],
      ['a Keycloak refresh token', { ...base, typ: 'Refresh' }],
      ['no permissions', { ...base, permissions: undefined }],
    ];
    for (const [what, claims, header] of wrong) assert.equal(await status(await sign(claims, header)), 401, what);
  });

  it('the public key is no HMAC secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(state.jwks));
    const forged = await new SignJWT(base).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k' }).sign(secret);
    assert.equal(await status(forged), 401);
  });
});
