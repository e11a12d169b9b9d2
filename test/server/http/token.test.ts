import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { UMA_TICKET_GRANT } from '../../../src/protocol/outcome.ts';
import { CLIENT, type Harness, ID_TOKEN, RS, start, testConfig } from './harness.ts';

describe('the token endpoint', () => {
  let as: Harness;
  let pat: string;
  let id: string;
  before(async () => {
    as = await start();
    pat = await as.pat();
    id = await as.register(pat);
  });
  after(() => as.server.close());

  it('GRANT-3.3.1-14 GRANT-3.3.6-20: without client authentication, with a bearer token, or with a bad secret: 401 invalid_client', async () => {
    const grant = { grant_type: UMA_TICKET_GRANT, ticket: 'x' };
    const cases: [Record<string, string>, string | undefined, boolean][] = [
      [grant, undefined, false],
      [grant, pat, true],
      [grant, 'UmaClient:wrong', true],
      [grant, 'nobody:password', true],
      [{ ...grant, client_id: 'UmaClient', client_secret: 'wrong' }, undefined, false],
      [{ ...grant, client_id: 'UmaClient' }, undefined, false],
    ];
    for (const [form, credential, challenged] of cases) {
      const { status, body, headers } = await as.post('/token', form, credential);
      assert.equal(status, 401, JSON.stringify([form, credential]));
      assert.equal(body.error, 'invalid_client');
      assert.equal(/^Basic /.test(headers.get('www-authenticate') ?? ''), challenged);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  });

  it('GRANT-3.3.6-21: a grant that the client may not use is unauthorized_client; an unknown one unsupported_grant_type', async () => {
    const refused = await as.post('/token', { grant_type: UMA_TICKET_GRANT, ticket: 'x' }, RS);
    assert.deepEqual([refused.status, refused.body.error], [400, 'unauthorized_client']);
    const unknown = await as.post('/token', { grant_type: 'urn:x' }, CLIENT);
    assert.deepEqual([unknown.status, unknown.body.error], [400, 'unsupported_grant_type']);
    assert.equal((await as.post('/token', { GRANT_TYPE: 'password' }, CLIENT)).body.error, 'invalid_request');
  });

  it('SEC-9700-10: without password_grant in the configuration that grant does not exist', async () => {
    await using strict = await start({
      config: testConfig((config) => Object.assign(config, { password_grant: false })),
    });
    const { body } = await strict.post(
      '/token',
      { grant_type: 'password', username: 'bob', password: 'password' },
      CLIENT,
    );
    assert.equal(body.error, 'unsupported_grant_type');
    const { body: document } = await strict.send('/.well-known/uma2-configuration');
    assert.ok(!document.grant_types_supported.includes('password'));
  });

  it('GRANT-3.3.1-15 GRANT-3.3.1-02 GRANT-3.3.1-03: repeated, missing and half parameters are invalid_request and burn nothing', async () => {
    const ticket = await as.ticket(pat, id);
    const start = `grant_type=${encodeURIComponent(UMA_TICKET_GRANT)}&ticket=${ticket}`;
    for (const form of [
      `${start}&ticket=b`,
      `${start}&claim_token=x`,
      `${start}&claim_token_format=${encodeURIComponent(ID_TOKEN)}`,
      `${start}&scope=a&scope=b`,
    ]) {
      const { status, body } = await as.post('/token', form, CLIENT);
      assert.deepEqual([status, body.error], [400, 'invalid_request'], form);
    }
    const query = await as.post(`/token?ticket=${ticket}`, { grant_type: UMA_TICKET_GRANT }, CLIENT);
    assert.deepEqual([query.status, query.body.error], [400, 'invalid_request']);
    assert.equal((await as.redeem(ticket, undefined, {}, 'UmaClient:wrong')).status, 401);
    assert.equal((await as.redeem(ticket, await as.claimToken())).body.error, 'request_submitted');
  });

  it('GRANT-3.3.6-05..10: need_info carries a new ticket and required_claims through to the wire', async () => {
    const ticket = await as.ticket(pat, id);
    const { status, body, headers } = await as.redeem(ticket);
    assert.deepEqual([status, body.error], [403, 'need_info']);
    assert.notEqual(body.ticket, ticket);
    assert.ok(Array.isArray(body.required_claims[0].claim_token_format));
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal((await as.redeem(body.ticket, await as.claimToken())).body.error, 'request_submitted');
  });

  it('GRANT-3.3.6-01: errors are JSON whatever is accepted', async () => {
    const { headers, body } = await as.post('/token', { grant_type: 'x' }, CLIENT, { accept: 'text/html' });
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(typeof body.error, 'string');
  });

  it('GRANT-5.5-02 ATK-21: 20 parallel redemptions of one ticket give exactly one RPT', async () => {
    const own = await as.register(pat);
    await as.allow(own);
    const claims = await as.claimToken();
    const ticket = await as.ticket(pat, own);
    const answers = await Promise.all(Array.from({ length: 20 }, () => as.redeem(ticket, claims)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });

  it('GRANT-3.3.5-01 GRANT-3.3.5-02 GRANT-3.3.5-10 GRANT-3.6-01 GRANT-3.6-04: an RPT, and its refresh', async () => {
    const own = await as.register(pat);
    await as.allow(own);
    const granted = await as.redeem(await as.ticket(pat, own, ['view', 'download']), await as.claimToken());
    assert.equal(granted.status, 200);
    assert.equal('scope' in granted.body, false);
    assert.equal(granted.body.token_type, 'Bearer');
    const refresh = (more: Record<string, string>, token = granted.body.refresh_token) =>
      as.post('/token', { grant_type: 'refresh_token', refresh_token: token, ...more }, CLIENT);
    assert.equal((await refresh({ scope: 'erase' })).body.error, 'invalid_scope');
    const narrower = await refresh({ scope: 'view' });
    assert.equal(narrower.status, 200);
    const { body } = await as.post('/introspect', { token: narrower.body.access_token }, pat);
    assert.deepEqual(body.permissions[0].resource_scopes, ['view']);
    assert.equal((await refresh({})).body.error, 'invalid_grant');
  });

  it('SEC-7009-02..05 GRANT-3.7-02: revocation knows RPTs, refresh tokens and hints; a token of another client lives on', async () => {
    const own = await as.register(pat);
    await as.allow(own);
    const { body } = await as.redeem(await as.ticket(pat, own), await as.claimToken());
    const active = async () => (await as.post('/introspect', { token: body.access_token }, pat)).body.active;
    await as.post('/revoke', { token: body.access_token }, RS);
    assert.equal(await active(), true);
    assert.equal((await as.post('/revoke', { token: 'unknown', token_type_hint: 'pct' }, CLIENT)).status, 200);
    const gone = await as.post('/revoke', { token: body.refresh_token, token_type_hint: 'nonsense' }, CLIENT);
    assert.deepEqual([gone.status, gone.headers.get('cache-control')], [200, 'no-store']);
    assert.equal(await active(), false);
    assert.equal((await as.post('/revoke', { token: body.access_token })).status, 401);
    const { access_token } = await as.token('bob', 'openid', CLIENT);
    assert.equal((await as.post('/revoke', { token: access_token }, RS)).status, 400);
    assert.equal((await as.post('/introspect', { token: access_token }, pat)).body.active, true);
  });

  it('GRANT-3.3.1-01 GRANT-3.3.1-14: a plain ticket request is answered as oidc-provider would answer it', async () => {
    // A page of this origin is answered by the library.
    const origin = 'https://app.example';
    await using both = await start({
      config: testConfig((config) => Object.assign(config, { cors_origins: [origin] })),
    });
    const owner = await both.pat();
    const own = await both.register(owner);
    await both.allow(own);
    const claims = { claim_token: await both.claimToken(), claim_token_format: ID_TOKEN };
    const grant = { grant_type: UMA_TICKET_GRANT };
    const cases: [form: Record<string, string>, credential: string | undefined, status: number, direct: boolean][] = [
      [claims, CLIENT, 200, true],
      [{ ...claims, scope: 'view download' }, CLIENT, 200, true],
      [{ ...claims, client_id: 'UmaClient' }, CLIENT, 200, true],
      [{ ...claims, client_id: 'UmaClient', client_secret: 'password' }, undefined, 200, true],
      [{}, CLIENT, 403, true],
      [{ ...claims, claim_token: 'no.token' }, CLIENT, 403, true],
      [{ claim_token: 'x' }, CLIENT, 400, true],
      [{ ticket: 'unknown' }, CLIENT, 400, true],
      [{ ...claims, scope: 'erase' }, CLIENT, 400, true],
      [{ ticket: '' }, CLIENT, 400, false],
      [{ ...claims, scope: 'a"b' }, CLIENT, 400, false],
      [{ ...claims, client_id: 'other-rs' }, CLIENT, 400, false],
      [{ ...claims, client_secret: 'password', client_id: 'UmaClient' }, CLIENT, 400, false],
      [claims, RS, 400, false],
      [claims, 'UmaClient:wrong', 401, true],
      [claims, 'UmaClient:password\0', 401, false],
      [claims, `Basic ${btoa(CLIENT)}=`, 401, false],
      [claims, `Basic ${btoa(CLIENT)}A`, 401, false],
      [{ ...claims, client_id: 'UmaClient', client_secret: 'password\0' }, undefined, 401, true],
      [claims, 'nobody:password', 401, true],
      [{ client_id: 'uma-cli' }, undefined, 400, false],
    ];
    const shape = (body: object) =>
      Object.entries(body).map(([name, value]) => [name, /token|ticket/.test(name) ? typeof value : value]);
    for (const [form, credential, status, direct] of cases) {
      const ask = async (headers: Record<string, string>) => {
        const ticket = await both.ticket(owner, own);
        const raw = credential?.startsWith('Basic ') ? { authorization: credential } : {};
        const pair = credential?.startsWith('Basic ') ? undefined : credential;
        return both.post('/token', { ...grant, ticket, ...form }, pair, { ...raw, ...headers });
      };
      const [plain, library] = [await ask({}), await ask({ origin })];
      const what = JSON.stringify([Object.keys(form), credential]);
      assert.deepEqual([plain.status, library.status], [status, status], what);
      assert.deepEqual(shape(plain.body), shape(library.body), what);
      assert.equal(library.headers.get('vary'), 'Origin');
      assert.equal(plain.headers.get('vary') === null, direct, what);
      for (const name of ['content-type', 'cache-control', 'www-authenticate', 'x-frame-options'])
        assert.equal(plain.headers.get(name), library.headers.get(name), `${what} ${name}`);
    }
  });

  it('GRANT-3.3.6-21: a client without the grant gets unauthorized_client, from device authorization as well', async () => {
    const config = testConfig((item) => {
      for (const client of item.clients) client.grant_types = ['authorization_code'];
    });
    await using bare = await start({ config });
    for (const [path, form] of [
      ['/token', { grant_type: 'client_credentials' }],
      ['/device_authorization', { scope: 'openid' }],
    ] as const) {
      const { status, body } = await bare.post(path, form, CLIENT);
      assert.deepEqual([status, body.error], [400, 'unauthorized_client'], path);
    }
  });

  it('a body over the limit is 413, announced or not', async () => {
    for (const path of ['/token', '/revoke', '/par', '/device_authorization']) {
      const answer = await as.post(path, { ticket: 'a'.repeat(100_000) }, CLIENT);
      assert.deepEqual([answer.status, answer.body.error], [413, 'invalid_request'], path);
    }
    const { status } = await fetch(`${as.server.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new Blob(['a'.repeat(100_000)]).stream(),
      duplex: 'half',
    });
    assert.equal(status, 413);
  });

  it('a JWT RPT is signed by the published key, and can be revoked', async () => {
    await using jwt = await start({ rptFormat: 'jwt' });
    const owner = await jwt.pat();
    const own = await jwt.register(owner);
    await jwt.allow(own);
    const rpt = await jwt.rpt(owner, own);
    const { createLocalJWKSet, jwtVerify } = await import('jose');
    const { payload } = await jwtVerify(rpt, createLocalJWKSet((await jwt.send('/jwks')).body), {
      issuer: jwt.server.issuer,
      audience: 'UMA-Resource-Server',
      typ: 'at+jwt',
    });
    assert.equal((payload.permissions as { resource_id: string }[])[0]?.resource_id, own);
    assert.equal((await jwt.post('/introspect', { token: rpt }, owner)).body.active, true);
    assert.equal((await jwt.post('/revoke', { token: rpt }, CLIENT)).status, 200);
    assert.equal((await jwt.post('/introspect', { token: rpt }, owner)).text, '{"active":false}');
  });

  it('password: openid gives an ID Token with the claims of its scopes and a refresh token; a wrong password is invalid_grant', async () => {
    const { decodeJwt } = await import('jose');
    const { id_token, refresh_token } = await as.token('bob', 'openid email profile', CLIENT);
    const claims = decodeJwt(id_token);
    assert.deepEqual(
      [claims.sub, claims.aud, claims.email, claims.email_verified],
      ['bob', 'UmaClient', 'bob@example.com', true],
    );
    assert.equal(claims.given_name, 'Bob');
    assert.equal('password_hash' in claims, false);
    assert.equal(decodeJwt((await as.token('bob', 'openid', CLIENT)).id_token).email, undefined);
    const renewed = await as.post('/token', { grant_type: 'refresh_token', refresh_token }, CLIENT);
    assert.equal(decodeJwt(renewed.body.id_token).email, 'bob@example.com');
    // SEC-9700-12: the old one is used up, and its reuse ends the family.
    assert.equal(
      (await as.post('/token', { grant_type: 'refresh_token', refresh_token }, CLIENT)).body.error,
      'invalid_grant',
    );
    const family = await as.post(
      '/token',
      { grant_type: 'refresh_token', refresh_token: renewed.body.refresh_token },
      CLIENT,
    );
    assert.equal(family.body.error, 'invalid_grant');
    for (const [username, password] of [
      ['bob', 'nope'],
      ['nobody', 'password'],
    ] as const) {
      const { status, body } = await as.post(
        '/token',
        { grant_type: 'password', username, password, scope: 'openid' },
        CLIENT,
      );
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    }
    const half = await as.post('/token', { grant_type: 'password', username: 'bob' }, CLIENT);
    assert.equal(half.body.error, 'invalid_request');
  });

  it('SEC-9449-02 SEC-9449-03 SEC-9449-05 ATK-04: a DPoP proof binds the RPT, a bad or replayed one is refused', async () => {
    const { exportJWK, generateKeyPair, SignJWT, calculateJwkThumbprint } = await import('jose');
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const prove = (htu: string) =>
      new SignJWT({ htm: 'POST', htu, jti: crypto.randomUUID() })
        .setIssuedAt()
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .sign(privateKey);
    const own = await as.register(pat);
    await as.allow(own);
    const redeem = async (proof: string) =>
      as.post(
        '/token',
        {
          grant_type: UMA_TICKET_GRANT,
          ticket: await as.ticket(pat, own),
          claim_token: await as.claimToken(),
          claim_token_format: ID_TOKEN,
        },
        CLIENT,
        { dpop: proof },
      );
    const proof = await prove(`${as.server.issuer}/token`);
    const { status, body } = await redeem(proof);
    assert.deepEqual([status, body.token_type], [200, 'DPoP']);
    const { cnf } = (await as.post('/introspect', { token: body.access_token }, pat)).body;
    assert.equal(cnf.jkt, await calculateJwkThumbprint(jwk));
    assert.equal((await redeem(proof)).body.error, 'invalid_dpop_proof');
    assert.equal((await redeem(await prove('https://elsewhere/token'))).body.error, 'invalid_dpop_proof');
    const bound = await as.post('/token', { grant_type: 'client_credentials', scope: 'uma_protection' }, RS, {
      dpop: await prove(`${as.server.issuer}/token`),
    });
    assert.equal((await as.json('GET', '/resource_set', bound.body.access_token)).status, 401);
  });

  it('private_key_jwt authenticates a client, once per assertion (SEC-7523-01 SEC-7523-02)', async () => {
    const { exportJWK, generateKeyPair, SignJWT } = await import('jose');
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const config = testConfig();
    const model = config.clients.find(({ client_id }) => client_id === 'UMA-Resource-Server')!;
    const { client_secret: _none, ...rest } = model;
    config.clients.push({
      ...rest,
      client_id: 'keyed',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(publicKey)] } as never,
    });
    await using keyed = await start({ config });
    const assertion = await new SignJWT({ jti: 'one' })
      .setIssuer('keyed')
      .setSubject('keyed')
      .setAudience(keyed.server.issuer)
      .setIssuedAt()
      .setExpirationTime('5m')
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    const form = {
      grant_type: 'client_credentials',
      scope: 'uma_protection',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    assert.equal((await keyed.post('/token', form)).status, 200);
    const again = await keyed.post('/token', form);
    assert.deepEqual([again.status, again.body.error], [401, 'invalid_client']);
  });
});
