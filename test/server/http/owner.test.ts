import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, RS, start } from './harness.ts';

describe('the owner API', () => {
  let as: Harness;
  let pat: string;
  let id: string;
  let owner: string;
  before(async () => {
    as = await start();
    pat = await as.pat();
    id = await as.register(pat, { name: 'Photo', resource_scopes: ['view', 'download'] });
    owner = await as.ownerToken();
  });
  after(() => as.server.close());
  const call = (method: string, path: string, value?: unknown, token: string | undefined = owner) =>
    as.json(method, `/owner${path}`, token, value);
  const party = (sub = 'bob') => ({ iss: as.server.issuer, sub });
  const file = async (scopes = ['view']) => {
    const { body } = await as.redeem(await as.ticket(pat, id, scopes), await as.claimToken());
    assert.equal(body.error, 'request_submitted');
    const { requests } = (await call('GET', '/requests?status=pending')).body;
    return requests.find((item: { scopes: string[] }) => scopes.every((scope) => item.scopes.includes(scope)));
  };

  it('DESIGN 13 ATK-16: a PAT, an RPT or a token of a third party gets 403 on every verb, no token 401', async () => {
    const other = await as.register(pat);
    const policy = await as.allow(other);
    const rpt = await as.rpt(pat, other);
    const plain = (await as.token('alice', 'openid', RS)).access_token;
    const both = (await as.token('alice', 'uma_owner uma_protection', 'uma-cli')).access_token;
    const verbs = [
      ['GET', '/requests'],
      ['GET', '/requests/x'],
      ['POST', '/requests/x/approve'],
      ['POST', '/requests/x/deny'],
      ['GET', '/policies'],
      ['POST', '/policies'],
      ['GET', `/policies/${policy}`],
      ['PUT', `/policies/${policy}`],
      ['DELETE', `/policies/${policy}`],
      ['POST', '/revocations'],
      ['GET', '/resources'],
      ['GET', '/history'],
      ['GET', '/people?username=bob'],
      ['GET', '/shared'],
      ['DELETE', `/shared/${other}`],
    ] as const;
    for (const [method, path] of verbs) {
      for (const token of [pat, rpt, plain, both]) {
        const { status, body, headers } = await call(method, path, method === 'GET' ? undefined : {}, token);
        assert.equal(status, 403, `${method} ${path}`);
        assert.equal(body.error, 'insufficient_scope');
        assert.match(headers.get('www-authenticate') ?? '', /scope="uma_owner"/);
      }
      const none = await as.json(method, `/owner${path}`, undefined, method === 'GET' ? undefined : {});
      assert.equal(none.status, 401, `${method} ${path}`);
      assert.equal((await call(method, path, undefined, 'garbage')).status, 401);
    }
    assert.equal((await call('GET', `/policies/${policy}`)).status, 200);
  });

  it('lists, shows and approves a request with chosen scopes; then the RPT has just these', async () => {
    const request = await file(['view', 'download']);
    assert.equal(request.resource_name, 'Photo');
    assert.equal((await call('GET', `/requests/${request.id}`)).body.status, 'pending');
    const approved = await call('POST', `/requests/${request.id}/approve`, { scopes: ['view'] });
    assert.deepEqual(
      [approved.status, approved.body.status, approved.body.granted_scopes],
      [200, 'approved', ['view']],
    );
    assert.equal((await call('POST', `/requests/${request.id}/approve`)).status, 409);
    const rpt = await as.rpt(pat, id);
    assert.equal((await as.post('/introspect', { token: rpt }, pat)).body.active, true);
    const withdrawn = await call('POST', '/revocations', { resource_id: id, party: party() });
    assert.equal(withdrawn.status, 200);
    assert.ok(withdrawn.body.rpts >= 1);
    assert.equal((await as.post('/introspect', { token: rpt }, pat)).text, '{"active":false}');
  });

  it('GRANT-3.3.6-19: denies a request, without a body too', async () => {
    const request = await file(['download']);
    const denied = await call('POST', `/requests/${request.id}/deny`);
    assert.deepEqual([denied.status, denied.body.status], [200, 'denied']);
    const { body } = await as.redeem(await as.ticket(pat, id, ['download']), await as.claimToken());
    assert.equal(body.error, 'request_denied');
    await call('POST', '/revocations', { resource_id: id });
  });

  it('creates, reads, replaces and deletes a policy', async () => {
    const description = { resource_id: id, effect: 'allow', scopes: ['view'], subject: { party: party('chris') } };
    const made = await call('POST', '/policies', description);
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), `${as.server.issuer}/owner/policies/${made.body.id}`);
    assert.equal((await as.json('GET', made.headers.get('location')!, owner)).body.id, made.body.id);
    const replaced = await call('PUT', `/policies/${made.body.id}`, { ...description, scopes: ['download'] });
    assert.deepEqual(replaced.body.scopes, ['download']);
    assert.equal((await call('DELETE', `/policies/${made.body.id}`)).status, 204);
    assert.equal((await call('GET', `/policies/${made.body.id}`)).status, 404);
  });

  it('ATK-17: foreign resources, policies and requests are not there', async () => {
    const bob = await as.ownerToken('bob');
    const policy = await as.allow(id);
    const request = await call(
      'POST',
      '/policies',
      { resource_id: id, effect: 'allow', subject: { anyone: true } },
      bob,
    );
    assert.equal(request.status, 404);
    assert.equal((await call('DELETE', `/policies/${policy}`, undefined, bob)).status, 404);
    assert.equal((await call('POST', '/revocations', { resource_id: id }, bob)).status, 404);
    assert.deepEqual((await call('GET', '/resources', undefined, bob)).body.resources, []);
  });

  it('faults in bodies and queries are 400 and name the place; an unknown condition is no silent allow', async () => {
    const good = { resource_id: id, effect: 'allow', subject: { party: party() } };
    for (const [value, place] of [
      [{ ...good, effect: 'maybe' }, /effect.*allow, deny/],
      [{ effect: 'allow', subject: { anyone: true } }, /resource_id/],
      [{ ...good, claim: [{ name: 'x' }] }, /claim/],
      [{ ...good, subject: { party: { sub: 'bob' } } }, /subject\.party\.iss/],
      [{ ...good, subject: {} }, /subject/],
      [{ ...good, subject: { anyone: true, email: 'x' } }, /subject/],
      [{ ...good, claims: [{ name: 'x', values: [{}] }] }, /claims\[0\]\.values\[0\]/],
      [{ ...good, scopes: 'view' }, /scopes/],
      [{ ...good, expires_at: '5' }, /expires_at/],
    ] as const) {
      const { status, body } = await call('POST', '/policies', value);
      assert.equal(status, 400, JSON.stringify(value));
      assert.match(body.error_description, place);
    }
    assert.equal((await call('POST', '/policies', { ...good, scopes: ['erase'] })).body.error, 'invalid_scope');
    for (const [path, place] of [
      ['/requests?status=open', /status/],
      ['/requests?limit=0', /limit/],
      ['/requests?limit=a', /limit/],
      ['/requests?sort=x', /sort/],
      ['/history?type=x', /type/],
      ['/people', /username/],
    ] as const) {
      const { status, body } = await call('GET', path);
      assert.equal(status, 400, path);
      assert.match(body.error_description, place);
    }
    assert.equal((await call('POST', '/revocations', {})).status, 400);
  });

  it('finds people by exact name, lists resources and history in pages', async () => {
    assert.deepEqual((await call('GET', '/people?username=bob')).body, { ...party(), name: 'Bob Baker' });
    assert.equal((await call('GET', '/people?username=BOB')).status, 404);
    assert.equal((await call('GET', '/history?username=BOB')).status, 404);
    await as.register(pat);
    const first = (await call('GET', '/resources?limit=1')).body;
    assert.equal(first.resources.length, 1);
    const second = (await call('GET', `/resources?limit=1&after=${first.next}`)).body;
    assert.notEqual(second.resources[0]._id, first.resources[0]._id);
    const { history } = (await call('GET', `/history?type=resource_registered&resource_id=${id}`)).body;
    assert.equal(history[0].resource_name, 'Photo');
  });
});
