import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, OTHER_RS, start } from './harness.ts';

describe('the permission endpoint', () => {
  let as: Harness;
  let pat: string;
  let id: string;
  before(async () => {
    as = await start();
    pat = await as.pat();
    id = await as.register(pat);
  });
  after(() => as.server.close());
  const ask = (body: unknown, token = pat) => as.json('POST', '/permission', token, body);

  it('FED-4.1-01 FED-4.2-01 FED-4.2-02 FED-4-05 FED-4-06: an object and an array give one ticket', async () => {
    const second = await as.register(pat);
    for (const body of [
      { resource_id: id, resource_scopes: ['view'] },
      { resource_id: id, resource_scopes: [] },
      { resource_id: id, resource_scopes: ['view'], x_foo: 1 },
      [
        { resource_id: id, resource_scopes: ['view'] },
        { resource_id: second, resource_scopes: [] },
      ],
      [
        { resource_id: id, resource_scopes: ['view'] },
        { resource_id: id, resource_scopes: ['download'] },
      ],
    ]) {
      const { status, body: answer, headers } = await ask(body);
      assert.equal(status, 201);
      assert.match(answer.ticket, /^[\w-]{43}$/);
      assert.match(headers.get('content-type') ?? '', /^application\/json/);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  });

  it('FED-4-03 Q12: the ticket stands for exactly what was asked', async () => {
    await as.allow(id);
    const { body } = await ask([
      { resource_id: id, resource_scopes: ['view'] },
      { resource_id: id, resource_scopes: ['download'] },
    ]);
    const { access_token } = (await as.redeem(body.ticket, await as.claimToken())).body;
    const [permission] = (await as.post('/introspect', { token: access_token }, pat)).body.permissions;
    assert.deepEqual(permission.resource_scopes, ['view', 'download']);
  });

  it('FED-4.3-01 FED-4.3-02 ATK-18: an unknown id fails the whole request and says which, whose PAT, and what that sees', async () => {
    for (const bad of ['nope', 'type:x', 'Photo', '*', `${id} `]) {
      const { status, body } = await ask([
        { resource_id: id, resource_scopes: ['view'] },
        { resource_id: bad, resource_scopes: ['view'] },
      ]);
      assert.equal(status, 400);
      assert.equal(body.error, 'invalid_resource_id');
      assert.equal(body.ticket, undefined);
      assert.ok(body.error_description.includes(bad));
      assert.match(body.error_description, /alice.*UMA-Resource-Server/);
      assert.ok(body.error_description.includes(id));
    }
  });

  it('FED-4-02 FED-1.3-05 ATK-13: a resource of another owner or resource server is unknown', async () => {
    for (const stranger of [await as.pat('chris'), await as.pat('alice', OTHER_RS)]) {
      const { status, body } = await ask({ resource_id: id, resource_scopes: ['view'] }, stranger);
      assert.equal(status, 400);
      assert.equal(body.error, 'invalid_resource_id');
      const own = await as.register(stranger);
      const mixed = await ask(
        [
          { resource_id: own, resource_scopes: ['view'] },
          { resource_id: id, resource_scopes: ['view'] },
        ],
        stranger,
      );
      assert.equal(mixed.body.error, 'invalid_resource_id');
    }
  });

  it('FED-4.1-03 FED-4.3-03: a scope that the resource lacks is invalid_scope', async () => {
    const { status, body } = await ask({ resource_id: id, resource_scopes: ['view', 'erase'] });
    assert.equal(status, 400);
    assert.equal(body.error, 'invalid_scope');
    assert.match(body.error_description, /erase.*view download/);
  });

  it('FED-4.1-01 FED-4.1-02 Q11 Q20: a bad body is 400 invalid_request and names the place', async () => {
    for (const [text, place] of [
      ['[]', /at least one/],
      ['"x"', /object/],
      ['{}', /resource_id/],
      [`{"resource_id":"${id}"}`, /resource_scopes/],
      [`{"resource_id":"${id}","resource_scopes":"view"}`, /resource_scopes/],
      [`{"resource_id":"${id}","resource_id":"x","resource_scopes":[]}`, /more than once/],
      [`{"Resource_id":"${id}","resource_scopes":[]}`, /resource_id/],
      [`[{"resource_id":"${id}","resource_scopes":[]},{"resource_id":7,"resource_scopes":[]}]`, /\[1\]\.resource_id/],
      ['{', /JSON/],
    ] as const) {
      const { status, body } = await ask(text);
      assert.equal(status, 400, text);
      assert.equal(body.error, 'invalid_request');
      assert.match(body.error_description, place);
    }
    assert.equal((await as.post('/permission', { resource_id: id }, pat)).body.error, 'invalid_request');
  });
});
