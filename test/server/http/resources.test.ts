import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, OTHER_RS, start } from './harness.ts';

describe('resource registration', () => {
  let as: Harness;
  let pat: string;
  before(async () => {
    as = await start();
    pat = await as.pat();
  });
  after(() => as.server.close());
  const description = {
    resource_scopes: ['view', 'http://x/y'],
    name: 'Photo',
    'name#fr': 'Photo',
    description: 'd',
    icon_uri: 'https://i',
    type: 't',
    x_foo: 1,
  };

  it('FED-3.2-01 FED-3.2-03 FED-3.2.1-01..03 FED-3.2.2-01 FED-3.1-02..04 GRANT-1.1-03: create, read, list, with and without a slash', async () => {
    for (const collection of ['/resource_set', '/resource_set/']) {
      const made = await as.json('POST', collection, pat, description);
      assert.equal(made.status, 201);
      assert.equal(typeof made.body._id, 'string');
      assert.ok(made.body._id.length >= 22);
      assert.equal(made.headers.get('location'), `${as.server.issuer}/resource_set/${made.body._id}`);
      assert.equal(made.headers.get('cache-control'), 'no-store');
      const { body, status } = await as.json('GET', made.headers.get('location')!, pat);
      assert.equal(status, 200);
      const { _id, user_access_policy_uri, ...rest } = body;
      assert.equal(_id, made.body._id);
      assert.deepEqual(rest, description);
      // A page for the owner, who has to sign in first (test/server/console/resources.test.ts).
      assert.equal((await as.send(user_access_policy_uri)).status, 303);
      assert.ok((await as.json('GET', collection, pat)).body.includes(_id));
      assert.equal((await as.json('GET', `/resource_set/${_id}/`, pat)).status, 200);
    }
  });

  it("FED-3.2-04: the id is the server's", async () => {
    const made = await as.json('POST', '/resource_set', pat, { ...description, _id: 'mine' });
    assert.equal(made.status, 201);
    assert.notEqual(made.body._id, 'mine');
    assert.equal((await as.json('GET', `/resource_set/${made.body._id}`, pat)).body._id, made.body._id);
  });

  it('FED-3.2.3-01 FED-3.2.3-02: update replaces the whole description', async () => {
    const id = await as.register(pat, description);
    const { status, body } = await as.json('PUT', `/resource_set/${id}`, pat, { resource_scopes: ['view'] });
    assert.equal(status, 200);
    assert.equal(body._id, id);
    const read = await as.json('GET', `/resource_set/${id}`, pat);
    assert.equal(read.body.description, undefined);
    assert.deepEqual(read.body.resource_scopes, ['view']);
    assert.equal((await as.json('PUT', `/resource_set/${id}`, pat, { name: 'x' })).status, 400);
  });

  it('FED-3.2.4-01 FED-3.2.4-02 FED-3-01: delete ends everything about it', async () => {
    const id = await as.register(pat);
    const other = await as.register(pat);
    await as.allow(id);
    await as.allow(other);
    const both = await as.json('POST', '/permission', pat, [
      { resource_id: id, resource_scopes: ['view'] },
      { resource_id: other, resource_scopes: ['view'] },
    ]);
    const { access_token } = (await as.redeem(both.body.ticket, await as.claimToken())).body;
    const open = await as.ticket(pat, id);
    const gone = await as.json('DELETE', `/resource_set/${id}`, pat);
    assert.equal(gone.status, 204);
    assert.equal(gone.text, '');
    assert.equal((await as.json('DELETE', `/resource_set/${id}`, pat)).status, 404);
    assert.ok(!(await as.json('GET', '/resource_set', pat)).body.includes(id));
    const { body } = await as.post('/introspect', { token: access_token }, pat);
    assert.deepEqual(
      body.permissions.map((item: { resource_id: string }) => item.resource_id),
      [other],
    );
    assert.equal((await as.redeem(open, await as.claimToken())).body.error, 'invalid_grant');
    const refused = await as.json('POST', '/permission', pat, { resource_id: id, resource_scopes: [] });
    assert.equal(refused.body.error, 'invalid_resource_id');
    const policies = await as.json('GET', `/owner/policies?resource_id=${id}`, await as.ownerToken());
    assert.deepEqual(policies.body.policies, []);
  });

  it('FED-3.2-06 FED-3.2-07 FED-1.3-05 ATK-14 ATK-15: unknown, deleted and foreign are the same 404', async () => {
    const id = await as.register(pat);
    const strangers = [await as.pat('chris'), await as.pat('alice', OTHER_RS)];
    const unknown = await as.json('GET', '/resource_set/0000000000000000000000', pat);
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.error, 'not_found');
    for (const stranger of strangers) {
      for (const [method, value] of [
        ['GET', undefined],
        ['PUT', { resource_scopes: ['x'] }],
        ['DELETE', undefined],
      ] as const) {
        const answer = await as.json(method, `/resource_set/${id}`, stranger, value);
        assert.equal(answer.status, 404, method);
        assert.equal(answer.text, unknown.text);
      }
      assert.ok(!(await as.json('GET', '/resource_set', stranger)).body.includes(id));
    }
    assert.equal((await as.json('GET', `/resource_set/${id}`, pat)).status, 200);
  });

  it('FED-3.2.5-01 FED-3.2.5-02: an owner without resources has an empty list', async () => {
    assert.deepEqual((await as.json('GET', '/resource_set', await as.pat('jdoe'))).body, []);
  });

  it('FED-3.2-08 FED-3.2-09: other methods are 405 with Allow', async () => {
    for (const [method, path] of [
      ['PATCH', '/resource_set/x'],
      ['POST', '/resource_set/x'],
      ['PUT', '/resource_set/'],
      ['DELETE', '/resource_set'],
      ['GET', '/permission'],
      ['PUT', '/introspect'],
      ['GET', '/introspect'],
      ['GET', '/token'],
      ['DELETE', '/owner/requests'],
    ] as const) {
      const { status, headers, body } = await as.json(method, path, pat, method === 'GET' ? undefined : {});
      assert.equal(status, 405, `${method} ${path}`);
      assert.equal(body.error, 'unsupported_method_type');
      assert.ok(headers.get('allow') && !headers.get('allow')!.includes(method), `${method} ${path}`);
    }
  });

  it('FED-3.2-10 FED-3.2-11 FED-3.1-01 FED-6-01 FED-6-02 Q20: bad bodies are 400 and name the place', async () => {
    const cases: [string, RegExp][] = [
      ['{}', /resource_scopes/],
      ['{"resource_scopes":"x"}', /resource_scopes/],
      ['{"resource_scopes":[1]}', /resource_scopes\[0\]/],
      ['{"resource_scopes":["a"],"resource_scopes":["b"]}', /more than once/],
      ['{"resource_scopes":["a"],"x":{"k":1,"k":2}}', /more than once/],
      ['{"resource_scopes":["a"],"name":7}', /name/],
      ['{"resource_scopes":["a"]', /JSON/],
      ['[]', /object/],
      ['', /object/],
      ['null', /object/],
    ];
    for (const [text, place] of cases) {
      for (const [method, path] of [
        ['POST', '/resource_set'],
        ['PUT', `/resource_set/${await as.register(pat)}`],
      ] as const) {
        const { status, body, headers } = await as.send(path, {
          method,
          body: text,
          headers: { authorization: `Bearer ${pat}`, 'content-type': 'application/json' },
        });
        assert.equal(status, 400, text);
        assert.equal(body.error, 'invalid_request');
        assert.match(body.error_description, place);
        assert.match(body.error_description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
        assert.equal(headers.get('cache-control'), 'no-store');
      }
    }
    const form = await as.post('/resource_set', { resource_scopes: 'x' }, pat);
    assert.equal(form.status, 400);
    const none = await as.send('/resource_set', { method: 'POST', headers: { authorization: `Bearer ${pat}` } });
    assert.equal(none.status, 400);
    const text = await as.send('/resource_set', {
      method: 'POST',
      body: '{"resource_scopes":[]}',
      headers: { authorization: `Bearer ${pat}` },
    });
    assert.equal(text.status, 400);
  });

  it('Q18: no scopes at all is a description; a body over the limit is 413', async () => {
    assert.equal((await as.json('POST', '/resource_set', pat, { resource_scopes: [] })).status, 201);
    const huge = await as.json('POST', '/resource_set', pat, { resource_scopes: [], name: 'x'.repeat(70_000) });
    assert.equal(huge.status, 413);
    assert.equal(huge.body.error, 'invalid_request');
  });

  it('FED-3.1.1-02: a scope URI is never fetched', async () => {
    const { createServer } = await import('node:http');
    let asked = 0;
    const host = createServer((_request, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const { port } = host.address() as { port: number };
    const id = await as.register(pat, {
      resource_scopes: [`http://127.0.0.1:${port}/view`],
      icon_uri: `http://127.0.0.1:${port}/i`,
    });
    await as.ticket(pat, id, [`http://127.0.0.1:${port}/view`]);
    host.close();
    assert.equal(asked, 0);
  });
});
