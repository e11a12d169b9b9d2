// The ten quirks of the manual's commands, each absorbed by the server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { startServer } from '../../../../src/server/start.ts';
import { Commands } from './commands.ts';

/** An issuer with a port has to be named before the server listens. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const port = await freePort();
const server = await startServer({ port, layout: 'forgerock', issuer: `http://127.0.0.1:${port}/am/oauth2` });
after(() => server.close());
const curl = new Commands('quirks.txt', server.url);
const SHARED = '0d7790de-9066-4bb6-8e81-25b6f9d0b8853';
let claim_token = '';

test('1: every way to write the realm is the same realm', async () => {
  assert.equal((await curl.run('1 pat in alpha')).body.expires_in, 3599);
  assert.equal((await curl.run('1 ticket in root')).status, 201);
  assert.equal((await curl.run('1 ticket without a realm')).status, 201);
  const claims = await curl.run('1 claims in root');
  assert.equal(claims.status, 200);
  claim_token = claims.body.id_token;
});

test('2: /openam and /am are the same server', async () => {
  const [seven, eight] = [await curl.run('2 the context of 7.x'), await curl.run('2 the context of 8.x')];
  assert.deepEqual(seven.body, eight.body);
  assert.equal(eight.body.issuer, `${server.url}/am/oauth2`);
  assert.equal(eight.body.permission_endpoint, `${server.url}/am/uma/permission_request`);
  assert.equal(eight.body.jwks_uri, `${server.url}/am/oauth2/connect/jwk_uri`);
  assert.equal((await fetch(eight.body.jwks_uri)).status, 200);
});

test('3: introspection by GET, token in the query, PAT as bearer', async () => {
  const { status, body } = await curl.run('3 introspect');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['active', 'permissions', 'token_type', 'exp', 'iss']);
  assert.deepEqual([body.active, body.token_type, body.iss], [true, 'access_token', `${server.url}/am/oauth2`]);
});

test('4: parameters in the body of a GET', async () => {
  const created = await curl.run('10 create policy');
  assert.equal(created.status, 201);
  assert.deepEqual(Object.keys(created.body), ['_id', '_rev']);
  const { status, body } = await curl.run('4 query policies');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['result', 'resultCount', 'pagedResultsCookie', 'remainingPagedResults']);
  assert.deepEqual(Object.keys(body.result[0]), ['_id', '_rev', 'policyId', 'name', 'permissions']);
  assert.deepEqual([body.resultCount, body.result[0]._id], [1, SHARED]);
  const bad = await curl.run('4 query by a field that is none');
  assert.equal(bad.status, 500);
  assert.deepEqual(bad.body, { code: 500, reason: 'Internal Server Error', message: "'/badField' not queryable" });

  const { ticket } = (await curl.run('1 ticket in root')).body;
  const gathering = await curl.run('4 gather claims', { TICKET: ticket });
  assert.equal(gathering.status, 303);
  const opened = await fetch(server.url + gathering.headers.location, { redirect: 'manual' });
  assert.equal(opened.status, 303);
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
  const page = await fetch(server.url + opened.headers.get('location')!, { headers: { cookie } });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<form/);
});

test('5: JSON under the type of a form, and a form under the type of JSON', async () => {
  const { ticket } = (await curl.run('1 ticket in root')).body;
  const refused = await curl.run('5 RPT refused, form as JSON', { TICKET: ticket, CLAIM_TOKEN: claim_token });
  assert.deepEqual([refused.status, refused.body.error], [403, 'request_submitted']);
  assert.deepEqual((await curl.run('5 approve all, JSON as a form')).body, {});
  const next = (await curl.run('1 ticket in root')).body.ticket;
  const granted = await curl.run('5 RPT refused, form as JSON', { TICKET: next, CLAIM_TOKEN: claim_token });
  assert.equal(granted.status, 200);
});

test('7: call-outs and a stray backslash are the reader’s to leave out', async () => {
  assert.equal((await curl.run('7 ticket with call-outs')).status, 201);
});

test('8: header names in lower case, tokens with an ellipsis', async () => {
  const { status, body } = await curl.run('8 read a policy');
  assert.equal(status, 200);
  assert.equal(body.policyId, SHARED);
});

test('9: the ids and tokens that are printed answer', async () => {
  const { status, body } = await curl.run('9 read the registered resource');
  assert.equal(status, 200);
  assert.deepEqual(body.labels, ['3D', 'VIP']);
  assert.equal(body._id, '126615ba-b7fd-4660-b281-bae81aa45f7c0');
});

test('10: an update is answered with what it wrote', async () => {
  const { status, body } = await curl.run('10 update policy');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['_id', '_rev', 'policyId', 'permissions']);
  assert.deepEqual(body.permissions, [
    { subject: 'bob', scopes: ['view'] },
    { subject: 'chris', scopes: ['view', 'comment'] },
  ]);
});

test('6: the other address for deleting a policy', async () => {
  assert.deepEqual((await curl.run('6 delete policy')).body, {});
  assert.equal((await curl.run('8 read a policy')).status, 404);
});
