import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  buildPermissionRequest,
  faultOfPermissionRequest,
  normalisePermissionRequest,
  readPermissionTicket,
} from '../../src/protocol/permission.ts';
import { answer, thrown } from './exchange.ts';

const photo = { resource_id: 'r1', resource_scopes: ['view'] };

describe('faultOfPermissionRequest names the place and the fault', () => {
  for (const [body, path, fault] of [
    [[], '', 'must hold at least one permission'],
    ['r1', '', 'must be a JSON object'],
    [null, '', 'must be a JSON object'],
    [{}, 'resource_id', 'is required'],
    [{ resource_id: 1 }, 'resource_id', 'must be a non-empty string'],
    [{ resource_id: '', resource_scopes: [] }, 'resource_id', 'must be a non-empty string'],
    [{ resource_id: 'r1' }, 'resource_scopes', 'is required'],
    [{ resource_id: 'r1', resource_scopes: 'view' }, 'resource_scopes', 'must be an array of strings'],
    [{ resource_id: 'r1', resource_scopes: ['view', 7] }, 'resource_scopes[1]', 'must be a non-empty string'],
    [[photo, 'r2'], '[1]', 'must be a JSON object'],
    [[photo, [photo]], '[1]', 'must be a JSON object'],
    [[photo, { resource_scopes: [] }], '[1].resource_id', 'is required'],
    [[{ resource_id: 'r1', resource_scopes: ['', 'view'] }], '[0].resource_scopes[0]', 'must be a non-empty string'],
  ] as const) {
    it(`FED-4.1-01 to -03: ${JSON.stringify(body)}`, () =>
      assert.deepEqual(faultOfPermissionRequest(body), { path, fault }));
  }
  it('one object and an array have none; scopes may be empty and members unknown (GRANT-1.2-01)', () => {
    for (const body of [photo, [photo], [photo, photo], { resource_id: 'r1', resource_scopes: [], x: 1 }])
      assert.equal(faultOfPermissionRequest(body), undefined);
  });
});

describe('normalisePermissionRequest', () => {
  it('a resource named twice is merged by union (Q12)', () => {
    assert.deepEqual(
      normalisePermissionRequest([
        { resource_id: 'r1', resource_scopes: ['a', 'a'] },
        { resource_id: 'r2', resource_scopes: [] },
        { resource_id: 'r1', resource_scopes: ['b', 'a'] },
      ]),
      [
        { resource_id: 'r1', resource_scopes: ['a', 'b'] },
        { resource_id: 'r2', resource_scopes: [] },
      ],
    );
  });
  it('keeps every pair of resource and scope, adds none, repeats none', () => {
    const request = fc.array(
      fc.record({
        resource_id: fc.constantFrom('r1', 'r2', '__proto__'),
        resource_scopes: fc.array(fc.constantFrom('a', 'b', 'c')),
      }),
      { minLength: 1 },
    );
    const pairs = (list: { resource_id: string; resource_scopes: string[] }[]) =>
      list.flatMap(({ resource_id, resource_scopes }) => resource_scopes.map((scope) => `${resource_id} ${scope}`));
    fc.assert(
      fc.property(request, (permissions) => {
        const merged = normalisePermissionRequest(permissions);
        assert.deepEqual(new Set(pairs(merged)), new Set(pairs(permissions)));
        assert.equal(new Set(pairs(merged)).size, pairs(merged).length);
        assert.deepEqual(
          merged.map(({ resource_id }) => resource_id),
          [...new Set(permissions.map(({ resource_id }) => resource_id))],
        );
        assert.deepEqual(normalisePermissionRequest(merged), merged);
      }),
    );
  });
});

describe('buildPermissionRequest', () => {
  const body = (...parameters: Parameters<typeof buildPermissionRequest>) =>
    JSON.parse(buildPermissionRequest(...parameters).body ?? '') as unknown;
  it('one permission goes as an object, several as an array, with the PAT (FED-4.1-01)', () => {
    assert.deepEqual(body('https://as.example/perm', 'pat', [photo]), photo);
    assert.deepEqual(body('https://as.example/perm', 'pat', [photo], { asArray: true }), [photo]);
    assert.deepEqual(body('https://as.example/perm', 'pat', [photo, photo]), [photo, photo]);
    const { method, url, headers } = buildPermissionRequest('https://as.example/perm', 'pat', [photo]);
    assert.deepEqual([method, url], ['POST', 'https://as.example/perm']);
    assert.equal(headers.authorization, 'Bearer pat');
    assert.equal(headers['content-type'], 'application/json');
  });
});

describe('readPermissionTicket', () => {
  it('gives the ticket as it came, opaque, next to unknown members (GRANT-1.3-02, GRANT-1.2-01)', () => {
    for (const ticket of ['t', 'eyJhbGciOiJub25lIn0.e30.', 'ü ']) {
      assert.equal(readPermissionTicket(answer(201, { ticket, x: 1 })), ticket);
    }
  });
  it('an answer without a string ticket breaks the protocol (FED-4.2-02)', () => {
    for (const body of [{}, { ticket: '' }, { ticket: 1 }, { ticket: ['t'] }]) {
      const error = thrown(() => readPermissionTicket(answer(201, body)), 'no_ticket');
      assert.equal(error.category, 'peer');
      assert.equal(error.spec, 'UMA Federated Authorization 4.2');
    }
  });
  it('a refusal keeps its code (FED-4.3-02, FED-4.3-03)', () => {
    for (const code of ['invalid_resource_id', 'invalid_scope'])
      assert.deepEqual(
        thrown(() => readPermissionTicket(answer(400, { error: code, error_description: 'd' })), code).wire,
        { error: code, error_description: 'd' },
      );
  });
});
