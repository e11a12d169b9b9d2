import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeToken } from '../../src/protocol/rpt.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (payload: unknown, header: unknown = { alg: 'RS256', typ: 'JWT' }) =>
  `${part(header)}.${part(payload)}.c2ln`;

describe('decodeToken', () => {
  it('permissions at the top (FED 5.1.1)', () => {
    const payload = { iss: 'https://as.example', permissions: [{ resource_id: 'r1', resource_scopes: ['view'] }] };
    assert.deepEqual(decodeToken(jwt(payload)), {
      header: { alg: 'RS256', typ: 'JWT' },
      payload,
      permissions: payload.permissions,
      place: 'permissions',
    });
  });
  it("permissions in Keycloak's authorization member", () => {
    const decoded = decodeToken(
      jwt({ authorization: { permissions: [{ rsid: 'r1', rsname: 'é', scopes: ['view'] }] } }),
    );
    assert.deepEqual(decoded?.permissions, [{ resource_id: 'r1', resource_scopes: ['view'] }]);
    assert.equal(decoded?.place, 'authorization.permissions');
  });
  it('a JWT without permissions is still shown', () => {
    const decoded = decodeToken(jwt({ sub: 'bob', authorization: 'x', permissions: {} }));
    assert.equal(decoded?.payload.sub, 'bob');
    assert.equal(decoded?.permissions, undefined);
    assert.equal(decoded?.place, undefined);
  });
  for (const token of [
    '',
    'f3Kq-opaque_token',
    'a.b.c',
    '..',
    `${part({})}.${part({})}`,
    `${part({})}.${part({})}.a.b.c`,
    jwt(null),
    jwt('text'),
    jwt([1]),
    jwt({}, null),
    jwt({}, 'x'),
  ]) {
    it(`GRANT-1.3-02: ${JSON.stringify(token)} is opaque`, () => assert.equal(decodeToken(token), undefined));
  }
});
