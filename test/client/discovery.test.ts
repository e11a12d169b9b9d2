import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIALECTS as NAMES } from '../../src/cli/dialects.ts';
import { Connection } from '../../src/client/connection.ts';
import { DIALECTS } from '../../src/client/dialects/index.ts';
import { discoveryReport } from '../../src/client/report.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { ENDPOINTS, ISSUER, script } from './script.ts';

const APPENDED = 'https://as.example/realm/.well-known/uma2-configuration';
const INSERTED = 'https://as.example/.well-known/uma2-configuration/realm';

test('GRANT-2-03: looks where the text says first, then where RFC 8414 does, and no further than it must', async () => {
  const peer = script(({ url }) => (url === INSERTED ? { body: { issuer: ISSUER, ...ENDPOINTS } } : undefined));
  const connection = new Connection({ issuer: ISSUER, send: peer.send });
  assert.equal(await connection.endpoint('permission_endpoint'), ENDPOINTS.permission_endpoint);
  assert.equal(await connection.endpoint('token_endpoint'), ENDPOINTS.token_endpoint);
  assert.deepEqual(
    peer.requests.map(({ url }) => url),
    [APPENDED, INSERTED],
  );
});

test('other documents fill gaps and never override', async () => {
  const { introspection_endpoint, ...uma } = ENDPOINTS;
  const peer = script(({ url }) => {
    if (url === APPENDED) return { body: { issuer: ISSUER, ...uma } };
    if (url.includes('openid-configuration'))
      return { body: { issuer: ISSUER, introspection_endpoint, token_endpoint: 'https://as.example/other' } };
    return undefined;
  });
  const connection = new Connection({ issuer: ISSUER, send: peer.send });
  assert.equal(await connection.endpoint('introspection_endpoint'), introspection_endpoint);
  assert.equal(await connection.endpoint('token_endpoint'), uma.token_endpoint);
});

test('SEC-8414-02: a document of another issuer is never used', async () => {
  const peer = script(() => ({ body: { issuer: 'https://evil.example', ...ENDPOINTS } }));
  const connection = new Connection({ issuer: ISSUER, send: peer.send });
  await assert.rejects(connection.endpoint('token_endpoint'), { code: 'issuer_mismatch', category: 'peer' });
  assert.ok(peer.requests.every(({ method, headers }) => method === 'GET' && headers.authorization === undefined));
});

test('SEC-8414-06: issuers are compared by code point, without normalisation', async () => {
  const composed = 'https://as.example/caf\u00e9';
  const peer = script(() => ({ body: { issuer: 'https://as.example/cafe\u0301', ...ENDPOINTS } }));
  await assert.rejects(new Connection({ issuer: composed, send: peer.send }).endpoint('token_endpoint'), {
    code: 'issuer_mismatch',
  });
  const slash = script(() => ({ body: { issuer: `${ISSUER}/`, ...ENDPOINTS } }));
  await assert.rejects(new Connection({ issuer: ISSUER, send: slash.send }).endpoint('token_endpoint'), {
    code: 'issuer_mismatch',
  });
});

test('endpoints given by hand win, and while they are enough nothing is sent', async () => {
  const peer = script(() => ({ body: { issuer: ISSUER, ...ENDPOINTS } }));
  const token_endpoint = 'https://as.example/by-hand';
  const connection = new Connection({ issuer: ISSUER, send: peer.send, endpoints: { token_endpoint } });
  assert.equal(await connection.endpoint('token_endpoint'), token_endpoint);
  assert.equal(peer.requests.length, 0);
  assert.equal(await connection.endpoint('permission_endpoint'), ENDPOINTS.permission_endpoint);
  assert.equal(await connection.endpoint('token_endpoint'), token_endpoint);
});

test('a page instead of a document is passed over, and named when nothing else is found', async () => {
  const page = script(({ url }) =>
    url === APPENDED ? { body: '<html>' } : url === INSERTED ? { body: { issuer: ISSUER, ...ENDPOINTS } } : undefined,
  );
  const connection = new Connection({ issuer: ISSUER, send: page.send });
  assert.equal(await connection.endpoint('token_endpoint'), ENDPOINTS.token_endpoint);
  const only = script(() => ({ body: '<html>' }));
  await assert.rejects(new Connection({ issuer: ISSUER, send: only.send }).endpoint('token_endpoint'), {
    code: 'not_json',
  });
});

test('no document: every address tried is in the message, and the flag in the hint', async () => {
  const peer = script(() => undefined);
  await assert.rejects(new Connection({ issuer: ISSUER, send: peer.send }).endpoint('permission_endpoint'), (error) => {
    assert.ok(error instanceof UmaError);
    assert.equal(error.code, 'no_metadata');
    assert.equal(error.category, 'config');
    for (const { url } of peer.requests) assert.ok(error.message.includes(`${url} (404)`));
    assert.match(error.hint ?? '', /--permission-endpoint URL/);
    return true;
  });
  assert.equal(peer.requests.length, 6);
});

test('a document without the member: says which, and how to give it', async () => {
  const { permission_endpoint: _gone, ...rest } = ENDPOINTS;
  const peer = script(({ url }) => (url === APPENDED ? { body: { issuer: ISSUER, ...rest } } : undefined));
  await assert.rejects(new Connection({ issuer: ISSUER, send: peer.send }).endpoint('permission_endpoint'), {
    code: 'endpoint_missing',
    category: 'config',
  });
});

test('an https issuer cannot send credentials to plain http', async () => {
  const peer = script(() => ({ body: { issuer: ISSUER, ...ENDPOINTS, token_endpoint: 'http://as.example/token' } }));
  await assert.rejects(new Connection({ issuer: ISSUER, send: peer.send }).endpoint('token_endpoint'), {
    code: 'invalid_metadata',
  });
});

test('a network error is told, and the next call looks again', async () => {
  let down = true;
  const peer = script(() => ({ body: { issuer: ISSUER, ...ENDPOINTS } }));
  const connection = new Connection({
    issuer: ISSUER,
    send: async (request) => {
      if (down) throw new UmaError('network', 'refused', 'nobody listens');
      return peer.send(request);
    },
  });
  await assert.rejects(connection.endpoint('token_endpoint'), { category: 'network' });
  down = false;
  assert.equal(await connection.endpoint('token_endpoint'), ENDPOINTS.token_endpoint);
});

test('concurrent questions share one search', async () => {
  const peer = script(() => ({ body: { issuer: ISSUER, ...ENDPOINTS } }));
  const connection = new Connection({ issuer: ISSUER, send: peer.send });
  await Promise.all([connection.endpoint('token_endpoint'), connection.endpoint('permission_endpoint')]);
  assert.equal(peer.requests.length, 1);
});

test('the report says for each role what works, what lacks, and where an endpoint came from', async () => {
  const { resource_owner_endpoint: _gone, introspection_endpoint: _gone2, ...rest } = ENDPOINTS;
  const peer = script(({ url }) =>
    url === APPENDED
      ? { body: { issuer: ISSUER, ...rest, grant_types_supported: ['client_credentials'] } }
      : url.includes('openid-configuration')
        ? { body: { issuer: 'https://other.example' } }
        : undefined,
  );
  const byHand = { introspection_endpoint: 'https://as.example/by-hand' };
  const report = await discoveryReport(new Connection({ issuer: ISSUER, send: peer.send, endpoints: byHand }), byHand);
  assert.deepEqual(
    report.documents.map(({ state }) => state),
    ['found', 'absent', 'absent', 'rejected', 'rejected'],
  );
  assert.equal(report.origins.introspection_endpoint, 'by hand');
  assert.equal(report.origins.token_endpoint, APPENDED);
  const works = (role: keyof typeof report.roles) => report.roles[role].map(({ works: does }) => does);
  assert.deepEqual(works('resource_server'), [false, true, true, true, true]);
  assert.deepEqual(works('requesting_party'), [false, false, false]);
  assert.deepEqual(works('resource_owner'), [false]);
  assert.match(report.roles.resource_owner[0]?.why ?? '', /resource_owner_endpoint/);
});

test('the command line knows every dialect by name', () => {
  assert.deepEqual([...NAMES].sort(), ['auto', ...DIALECTS.map(({ name }) => name)].sort());
});

test('a dialect that does not exist is a usage error with the names that do', () => {
  const connection = new Connection({ issuer: ISSUER, send: script(() => undefined).send, dialect: 'klingon' });
  assert.throws(() => connection.dialect, { code: 'unknown_dialect', hint: /auto, .*standard/ });
});
