import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CLIENT, type Harness, OTHER_RS, RS, start } from './harness.ts';

describe('introspection', () => {
  let as: Harness;
  let pat: string;
  let id: string;
  let rpt: string;
  before(async () => {
    as = await start({ introspectionGet: true });
    pat = await as.pat();
    id = await as.register(pat);
    await as.allow(id);
    rpt = await as.rpt(pat, id);
  });
  after(() => as.server.close());
  const ask = (form: Record<string, string>, credential = pat) => as.post('/introspect', form, credential);

  it('FED-5-02 FED-5.1.1-01..06 FED-5.1-01: an RPT has permissions at top level and no scope', async () => {
    const { status, body, headers } = await ask({ token: rpt, token_type_hint: 'access_token' });
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(body.active, true);
    assert.equal('scope' in body, false);
    assert.equal(body.permissions[0].resource_id, id);
    assert.deepEqual(body.permissions[0].resource_scopes, ['view']);
    assert.ok(Number.isInteger(body.permissions[0].exp));
    assert.equal(body.iss, as.server.issuer);
    assert.equal(body.aud, 'UMA-Resource-Server');
    assert.equal(body.client_id, 'UmaClient');
  });

  it('the first active answer stands in the history of the owner as a use, once; an inactive one does not', async () => {
    const used = await as.register(pat, { name: 'Used', resource_scopes: ['view'] });
    await as.allow(used);
    const token = await as.rpt(pat, used);
    const uses = async () =>
      (await as.json('GET', `/owner/history?type=rpt_used&resource_id=${used}`, await as.ownerToken())).body.history;
    assert.equal((await ask({ token }, await as.pat('alice', OTHER_RS))).body.active, false);
    assert.deepEqual(await uses(), []);
    const answers = await Promise.all([1, 2, 3].map(() => ask({ token })));
    assert.ok(answers.every(({ body }) => body.active === true));
    const [{ id: _, at, ...use }, ...more] = await uses();
    assert.deepEqual(more, []);
    assert.equal(typeof at, 'number');
    const { resource_id, resource_name, party, client_id, scopes } = use;
    assert.deepEqual(
      [use.type, resource_id, resource_name, party.sub, client_id, scopes],
      ['rpt_used', used, 'Used', 'bob', 'UmaClient', ['view']],
    );
  });

  it('SEC-7662-05: a wrong hint is no fault', async () => {
    assert.equal((await ask({ token: rpt, token_type_hint: 'refresh_token' })).body.active, true);
  });

  it('SEC-7662-02 SEC-7662-03 ATK-12 GRANT-1.3-01: for another owner or resource server, and for an unknown token, exactly {"active":false}', async () => {
    for (const credential of [await as.pat('chris'), await as.pat('alice', OTHER_RS), OTHER_RS, CLIENT]) {
      const answer = await ask({ token: rpt }, credential);
      assert.equal(answer.status, 200);
      assert.equal(answer.text, '{"active":false}');
    }
    assert.equal((await ask({ token: 'unknown' })).text, '{"active":false}');
    assert.equal((await ask({ token: await as.claimToken() })).text, '{"active":false}');
  });

  it('FED-5-03: with client credentials in the header or the form; wrong ones are 401 invalid_client', async () => {
    assert.equal((await ask({ token: rpt }, RS)).body.active, true);
    const form = { token: rpt, client_id: 'UMA-Resource-Server', client_secret: 'password' };
    assert.equal((await as.post('/introspect', form)).body.active, true);
    for (const bad of ['UMA-Resource-Server:nope', 'nobody:password', 'uma-cli:x']) {
      const { status, body, headers } = await ask({ token: rpt }, bad);
      assert.equal(status, 401);
      assert.equal(body.error, 'invalid_client');
      assert.match(headers.get('www-authenticate') ?? '', /^Basic /);
    }
    const posted = await as.post('/introspect', { ...form, client_secret: 'nope' });
    assert.equal(posted.status, 401);
    assert.equal(posted.headers.get('www-authenticate'), null);
  });

  it('FED-5-03: a plain token gets the plain answer; a PAT or owner token is shown to its own client only', async () => {
    const { access_token } = await as.token('bob', 'openid', CLIENT);
    const plain = await ask({ token: access_token });
    assert.equal(plain.body.active, true);
    assert.equal(plain.body.scope, 'openid');
    assert.equal(plain.body.sub, 'bob');
    assert.equal('permissions' in plain.body, false);
    assert.equal((await ask({ token: await as.pat('chris', OTHER_RS) })).text, '{"active":false}');
    assert.equal((await ask({ token: await as.ownerToken() })).text, '{"active":false}');
    assert.equal((await ask({ token: pat })).body.active, true);
  });

  it('GRANT-3.7-01 SEC-7009-01: a revoked RPT is inactive', async () => {
    const own = await as.rpt(pat, id);
    assert.equal((await as.post('/revoke', { token: own }, CLIENT)).status, 200);
    assert.equal((await ask({ token: own })).text, '{"active":false}');
  });

  it('a missing, empty or repeated token is 400; the body is a form', async () => {
    for (const form of ['', 'token=', `token=${rpt}&token=${rpt}`]) {
      const { status, body } = await as.post('/introspect', form, pat);
      assert.equal(status, 400, form);
      assert.equal(body.error, 'invalid_request');
    }
    assert.equal((await as.json('POST', '/introspect', pat, { token: rpt })).status, 400);
  });

  it('GET answers only where it was switched on, and only a PAT', async () => {
    assert.equal((await as.json('GET', `/introspect?token=${rpt}`, pat)).body.active, true);
    assert.equal((await as.json('GET', `/introspect?token=${rpt}`, undefined)).status, 401);
    assert.equal((await as.json('GET', `/introspect?token=${rpt}&token=x`, pat)).status, 400);
    await using standard = await start();
    assert.equal((await standard.json('GET', '/introspect?token=x', undefined)).status, 405);
  });
});
