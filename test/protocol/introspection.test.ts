import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  buildIntrospection,
  effectivePermissions,
  readIntrospection,
  readPermissions,
} from '../../src/protocol/introspection.ts';
import { answer, thrown } from './exchange.ts';

const view = { resource_id: 'r1', resource_scopes: ['view'] };

it('buildIntrospection sends the token in the form, the PAT in the header, never in the URL', () => {
  const request = buildIntrospection('https://as.example/introspect', 'pat', 'a+b', 'access_token');
  assert.equal(request.url, 'https://as.example/introspect');
  assert.equal(request.headers.authorization, 'Bearer pat');
  assert.deepEqual(
    [...new URLSearchParams(request.body)],
    [
      ['token', 'a+b'],
      ['token_type_hint', 'access_token'],
    ],
  );
  assert.equal(buildIntrospection('https://as.example/introspect', 'pat', 't').body, 'token=t');
});

describe('readIntrospection', () => {
  it('reads an active RPT, unknown members kept (FED-5.1.1-01, -03, GRANT-1.2-01)', () => {
    const body = { active: true, permissions: [view], exp: 10, x: 1 };
    assert.deepEqual(readIntrospection(answer(200, body)), body);
  });
  it('an inactive token and one without permissions have none', () => {
    assert.deepEqual(readIntrospection(answer(200, { active: false })), { active: false });
    assert.deepEqual(readIntrospection(answer(200, { active: true, permissions: {} })), { active: true });
  });
  it('active must be a boolean (FED-5.1.1-01)', () => {
    for (const active of [undefined, 'true', 1, null])
      assert.equal(
        thrown(() => readIntrospection(answer(200, { active, permissions: [view] })), 'invalid_introspection').category,
        'peer',
      );
  });
  it('a refusal of the PAT is a matter of authentication', () => {
    const exchange = answer(401, '', { 'www-authenticate': 'Bearer error="invalid_token"' });
    assert.equal(thrown(() => readIntrospection(exchange), 'invalid_token').category, 'authentication');
  });
});

describe('readPermissions reads both shapes', () => {
  it('resource_id and resource_scopes (FED-5.1.1-04, -05)', () => {
    assert.deepEqual(
      readPermissions([
        { ...view, exp: 3, iat: 1, nbf: 2, x: 1 },
        { resource_id: 'r2', resource_scopes: [] },
      ]),
      [
        { ...view, exp: 3, iat: 1, nbf: 2 },
        { resource_id: 'r2', resource_scopes: [] },
      ],
    );
  });
  it('rsid and scopes, and both shapes in one entry; Keycloak leaves empty scopes out', () => {
    assert.deepEqual(
      readPermissions([
        { rsid: 'r1', rsname: 'Photo', scopes: ['view'] },
        { rsid: 'r2', rsname: 'Bare' },
        { rsid: 'r3', resource_id: 'r3', resource_scopes: ['a'], scopes: ['a'] },
      ]),
      [
        { resource_id: 'r1', resource_scopes: ['view'] },
        { resource_id: 'r2', resource_scopes: [] },
        { resource_id: 'r3', resource_scopes: ['a'] },
      ],
    );
  });
  it('what cannot be read grants nothing', () => {
    assert.deepEqual(
      readPermissions([
        { resource_id: 'r1' },
        { resource_scopes: ['view'] },
        { resource_id: 1, resource_scopes: ['view'] },
        { resource_id: 'r1', resource_scopes: 'view' },
        { resource_id: 'r1', resource_scopes: ['view', 1] },
        { ...view, exp: 'tomorrow' },
        { ...view, nbf: {} },
        'r1',
        null,
      ]),
      [],
    );
    for (const value of [undefined, null, {}, 'r1']) assert.equal(readPermissions(value), undefined);
  });
  it('P24: times as digits are read as numbers; null counts as absent', () => {
    assert.deepEqual(readPermissions([{ ...view, exp: '20', nbf: null }]), [{ ...view, exp: 20 }]);
  });
});

describe('effectivePermissions', () => {
  const at = (now: number, token: object, ...permissions: object[]) =>
    effectivePermissions(
      { active: true, permissions: permissions.map((times) => ({ ...view, ...times })), ...token },
      now,
    ).length;
  it('FED-5.1.1-07: the exp of the token wins when it is earlier', () => {
    assert.equal(at(99, { exp: 100 }, { exp: 200 }), 1);
    assert.equal(at(100, { exp: 100 }, { exp: 200 }), 0);
    assert.equal(at(100, { exp: 100 }, {}), 0);
  });
  it('FED-5.1.1-08: iat decides nothing, on either side', () => {
    assert.equal(at(10, { iat: 50 }, { iat: 90 }), 1);
  });
  it('FED-5.1.1-09: the nbf of the token wins when it is later', () => {
    assert.equal(at(49, { nbf: 50 }, { nbf: 10 }), 0);
    assert.equal(at(50, { nbf: 50 }, { nbf: 10 }), 1);
    assert.equal(at(49, { nbf: 50 }, {}), 0);
  });
  it('FED-5.1.1-10: an expired or early permission is not used, its neighbours are', () => {
    assert.equal(at(100, { exp: 200 }, { exp: 100 }, { exp: 101 }, { nbf: 101 }, { nbf: 100 }, {}), 3);
  });
  it('an inactive token has none', () => {
    assert.deepEqual(effectivePermissions({ active: false, permissions: [view] }, 0), []);
    assert.deepEqual(effectivePermissions({ active: true }, 0), []);
  });
});
