import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { CLIENT, type Harness, RS, start, testConfig } from './harness.ts';

const withLifetime = (seconds: number) =>
  testConfig((config) => {
    config.lifetimes.access_token = seconds;
  });

describe('the PAT guard', () => {
  let as: Harness;
  before(async () => {
    as = await start();
  });
  after(() => as.server.close());

  const places = [
    ['POST', '/resource_set', { resource_scopes: [] }],
    ['GET', '/resource_set', undefined],
    ['GET', '/resource_set/x', undefined],
    ['PUT', '/resource_set/x', { resource_scopes: [] }],
    ['DELETE', '/resource_set/x', undefined],
    ['POST', '/permission', { resource_id: 'x', resource_scopes: [] }],
  ] as const;
  const everywhere = async (check: (method: string, path: string, value: unknown) => Promise<void>) => {
    for (const [method, path, value] of places) await check(method, path, value);
  };

  it('FED-1.3-02 FED-3.2-02 SEC-7662-01: without a PAT 401 and a bare Bearer challenge, also before a bad body is looked at', async () => {
    await everywhere(async (method, path, value) => {
      const { status, headers } = await as.json(method, path, undefined, value);
      assert.equal(status, 401, path);
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer realm=/);
      assert.doesNotMatch(headers.get('www-authenticate') ?? '', /error=/);
    });
    const asked = await as.post('/introspect', { token: 'x' });
    assert.equal(asked.status, 401);
    assert.match(asked.headers.get('www-authenticate') ?? '', /^Bearer /);
    assert.equal((await as.json('POST', '/resource_set', undefined, '{broken')).status, 401);
  });

  it('FED-1.3-02: a garbage, malformed or revoked PAT is 401 invalid_token', async () => {
    const pat = await as.pat();
    assert.equal((await as.post('/revoke', { token: pat }, RS)).status, 200);
    for (const bad of [pat, 'garbage', 'a b', 'Ünï', ' ']) {
      await everywhere(async (method, path, value) => {
        const answer = await as.send(path, {
          method,
          headers: { authorization: `Bearer ${encodeURI(bad)}`, 'content-type': 'application/json' },
          ...(value === undefined ? {} : { body: JSON.stringify(value) }),
        });
        assert.equal(answer.status, 401, `${path} ${bad}`);
        assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
      });
      const asked = await as.post('/introspect', { token: 'x' }, encodeURI(bad));
      assert.equal(asked.status, 401);
    }
  });

  it('FED-1.2-01 ATK-16 Q13: a token without uma_protection is 403 insufficient_scope, 401 at introspection', async () => {
    const { access_token } = await as.token('alice', 'openid', RS);
    await everywhere(async (method, path, value) => {
      const { status, headers, body } = await as.json(method, path, access_token, value);
      assert.equal(status, 403, path);
      assert.equal(body.error, 'insufficient_scope');
      assert.match(headers.get('www-authenticate') ?? '', /error="insufficient_scope".*scope="uma_protection"/);
    });
    assert.equal((await as.post('/introspect', { token: 'x' }, access_token)).status, 401);
  });

  it('FED-1.3-03: a PAT counts in the header only', async () => {
    const pat = await as.pat();
    assert.equal((await as.send(`/resource_set?access_token=${pat}`)).status, 401);
    assert.equal((await as.post('/introspect', { token: pat, access_token: pat })).status, 401);
    assert.equal((await as.send('/resource_set', { headers: { authorization: `bearer ${pat}` } })).status, 200);
  });

  it('FED-1.3-06 FED-1.4-02: client credentials give a PAT of the client itself; a PAT is refreshed without the owner', async () => {
    const own = await as.post('/token', { grant_type: 'client_credentials', scope: 'uma_protection' }, RS);
    assert.equal(own.status, 200);
    assert.equal(own.body.scope, 'uma_protection');
    const id = await as.register(own.body.access_token);
    assert.equal(typeof id, 'string');
    assert.equal((await as.json('GET', `/resource_set/${id}`, await as.pat())).status, 404);
    const { refresh_token, access_token } = await as.token('alice', 'uma_protection', RS);
    const renewed = await as.post('/token', { grant_type: 'refresh_token', refresh_token }, RS);
    assert.equal(renewed.status, 200);
    const mine = await as.register(access_token);
    assert.ok((await as.json('GET', '/resource_set', renewed.body.access_token)).body.includes(mine));
  });

  it('FED-1.3-02: an expired PAT is 401', async () => {
    await using short = await start({ config: withLifetime(1) });
    const pat = await short.pat();
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 2000 });
    const { status } = await short.json('GET', '/resource_set', pat);
    mock.timers.reset();
    assert.equal(status, 401);
  });

  it('a client of another kind gets no uma_owner scope', async () => {
    const refused = await as.post(
      '/token',
      { grant_type: 'password', username: 'alice', password: 'password', scope: 'uma_owner' },
      CLIENT,
    );
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error, 'invalid_scope');
    const machine = await as.post('/token', { grant_type: 'client_credentials', scope: 'uma_owner' }, CLIENT);
    assert.equal(machine.body.error, 'invalid_scope');
  });
});
