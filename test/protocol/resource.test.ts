import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  buildCreateResource,
  buildDeleteResource,
  buildListResources,
  buildReadResource,
  buildUpdateResource,
  faultOfDescription,
  readDeletion,
  readRegistration,
  readResource,
  readResourceIds,
  resourceUrl,
} from '../../src/protocol/resource.ts';
import { answer, thrown } from './exchange.ts';

describe('faultOfDescription names the place and the fault', () => {
  const strings = 'must be an array of strings';
  for (const [body, path, fault] of [
    [[], '', 'must be a JSON object'],
    [null, '', 'must be a JSON object'],
    ['view', '', 'must be a JSON object'],
    [{}, 'resource_scopes', 'is required'],
    [{ resource_scopes: 'view' }, 'resource_scopes', strings],
    [{ resource_scopes: { 0: 'view' } }, 'resource_scopes', strings],
    [{ resource_scopes: null }, 'resource_scopes', strings],
    [{ resource_scopes: ['a', 1] }, 'resource_scopes[1]', 'must be a non-empty string'],
    [{ resource_scopes: ['a', 'b', ''] }, 'resource_scopes[2]', 'must be a non-empty string'],
    [{ resource_scopes: [['a']] }, 'resource_scopes[0]', 'must be a non-empty string'],
    [{ resource_scopes: [], name: 1 }, 'name', 'must be a string'],
    [{ resource_scopes: [], description: {} }, 'description', 'must be a string'],
    [{ resource_scopes: [], icon_uri: null }, 'icon_uri', 'must be a string'],
    [{ resource_scopes: [], type: [] }, 'type', 'must be a string'],
  ] as const) {
    it(`FED-3.1-01: ${JSON.stringify(body)}`, () => assert.deepEqual(faultOfDescription(body), { path, fault }));
  }

  it('a whole description has none: URI scopes, no scopes, languages, unknown members (FED-3.1-02, FED-3.1-04, GRANT-1.2-01)', () => {
    for (const body of [
      { resource_scopes: [] },
      { resource_scopes: ['view', 'http://photoz.example/dev/scopes/all'] },
      {
        resource_scopes: ['view'],
        name: 'Photo',
        'name#fr': 'Photographie',
        description: 'd',
        icon_uri: 'i',
        type: 't',
      },
      { resource_scopes: ['view'], x_vendor: 1 },
    ])
      assert.equal(faultOfDescription(body), undefined);
  });
});

describe('requests of the registration API', () => {
  const pat = { authorization: 'Bearer pat' };
  it('stand at the endpoint or below it, with the PAT (FED-3.2)', () => {
    const description = { resource_scopes: ['view'], 'name#fr': 'Photo' };
    const create = buildCreateResource('https://as.example/rreg/', 'pat', description);
    assert.deepEqual([create.method, create.url], ['POST', 'https://as.example/rreg']);
    assert.deepEqual(JSON.parse(create.body ?? ''), description);
    assert.equal(create.headers['content-type'], 'application/json');
    const update = buildUpdateResource('https://as.example/rreg', 'pat', 'r1', description);
    assert.deepEqual([update.method, update.url], ['PUT', 'https://as.example/rreg/r1']);
    for (const [request, method, url] of [
      [buildReadResource('https://as.example/rreg', 'pat', 'r1'), 'GET', 'https://as.example/rreg/r1'],
      [buildDeleteResource('https://as.example/rreg', 'pat', 'r1'), 'DELETE', 'https://as.example/rreg/r1'],
      [buildListResources('https://as.example/rreg', 'pat'), 'GET', 'https://as.example/rreg'],
    ] as const) {
      assert.deepEqual(request, { method, url, headers: { accept: 'application/json', ...pat } });
    }
  });
  it('an id cannot leave its path segment', () => {
    assert.equal(resourceUrl('https://as.example/rreg', '../a?b#c/d'), 'https://as.example/rreg/..%2Fa%3Fb%23c%2Fd');
  });
});

describe('answers of the registration API', () => {
  it('registration: the id, unknown members kept (GRANT-1.2-01)', () => {
    const body = { _id: 'r1', user_access_policy_uri: 'https://as.example/p', extra: 1 };
    assert.deepEqual(readRegistration(answer(201, body)), body);
  });
  it('registration without a string _id', () => {
    for (const body of [{}, { _id: 1 }, { resource_id: 'r1' }])
      assert.equal(thrown(() => readRegistration(answer(201, body)), 'no_resource_id').category, 'peer');
  });
  it('a resource is checked like a description', () => {
    const body = { _id: 'r1', resource_scopes: ['view'], extra: 1 };
    assert.deepEqual(readResource(answer(200, body)), body);
    for (const [bad, place] of [
      [{ resource_scopes: [] }, '_id'],
      [{ _id: 'r1' }, 'resource_scopes'],
      [{ _id: 'r1', resource_scopes: ['a', 2] }, 'resource_scopes[1]'],
    ] as const)
      assert.ok(thrown(() => readResource(answer(200, bad)), 'invalid_resource').message.includes(`"${place}"`));
  });
  it('a list is an array of ids', () => {
    assert.deepEqual(readResourceIds(answer(200, ['a', 'b'])), ['a', 'b']);
    for (const bad of [{}, [1], [{ _id: 'a' }], null])
      thrown(() => readResourceIds(answer(200, bad)), 'invalid_resource_list');
  });
  it('refusals keep the code that was sent', () => {
    for (const read of [readRegistration, readResource, readDeletion, readResourceIds])
      assert.equal(thrown(() => read(answer(404, { error: 'not_found' })), 'not_found').category, 'refused');
    assert.equal(readDeletion(answer(204, '')), undefined);
  });
});
