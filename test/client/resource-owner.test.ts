import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../src/client/connection.ts';
import { ownerApi, ownerTokenOf } from '../../src/client/resource-owner.ts';
import { obtain } from '../../src/client/tokens.ts';
import { ENDPOINTS, form, ISSUER, script } from './script.ts';

const ENTRY = { id: 'h', type: 'rpt_issued', at: 1 };

const owner = (answer: Parameters<typeof script>[0]) => {
  const peer = script(answer);
  const connection = new Connection({ issuer: ISSUER, send: peer.send, endpoints: ENDPOINTS });
  return { peer, connection, api: () => ownerApi(connection, { given: 'token' }) };
};

test('a server without an owner API: says what lacks and what to try', async () => {
  const { resource_owner_endpoint: _gone, ...rest } = ENDPOINTS;
  const peer = script(({ url }) =>
    url.endsWith('/realm/.well-known/uma2-configuration') ? { body: { issuer: ISSUER, ...rest } } : undefined,
  );
  await assert.rejects(ownerApi(new Connection({ issuer: ISSUER, send: peer.send }), { given: 'token' }), {
    code: 'no_owner_api',
    category: 'config',
    message: /resource_owner_endpoint/,
    hint: /console/,
  });
});

test('the owner signs in through the public client for the scope uma_owner', async () => {
  const { peer, connection } = owner(() => ({ body: { access_token: 'o', token_type: 'Bearer' } }));
  const person = { name: 'alice', password: async () => 'password' };
  await obtain(connection, ownerTokenOf(connection, { id: 'uma-cli', method: 'none' }, person));
  const { scope, client_id, client_secret } = form(peer.requests[0]);
  assert.deepEqual(
    { scope, client_id, client_secret },
    { scope: 'uma_owner', client_id: 'uma-cli', client_secret: undefined },
  );
  assert.equal(peer.requests[0]?.headers.authorization, undefined);
});

test('pages are read to the end, or to the limit', async () => {
  const pages = (request: { url: string }) => {
    const after = Number(new URL(request.url).searchParams.get('after') ?? '0');
    return { body: { history: [ENTRY, ENTRY], ...(after < 4 ? { next: String(after + 2) } : {}) } };
  };
  assert.equal((await (await owner(pages).api()).history({ limit: 100 })).length, 6);
  const few = owner(pages);
  assert.equal((await (await few.api()).history({ limit: 3 })).length, 3);
  assert.equal(few.peer.requests.length, 2);
});

test('a list that never ends is a fault of the server', async () => {
  const { api } = owner(() => ({ body: { requests: [], next: 'again' } }));
  await assert.rejects((await api()).requests(), { code: 'endless_list', category: 'peer' });
});

test('bad answers are named by their place', async () => {
  const party = { iss: ISSUER, sub: 'bob' };
  const good = { id: 'q', status: 'pending', resource_id: 'r', scopes: ['view'], party, client_id: 'c', created_at: 1 };
  const bad = owner(() => ({ body: { requests: [good, { ...good, party: 'bob' }] } }));
  await assert.rejects((await bad.api()).requests(), { code: 'invalid_owner_answer', message: /"requests\[1\]"/ });
  const none = owner(() => ({ body: {} }));
  await assert.rejects((await none.api()).policies(), { message: /an array "policies"/ });
  await assert.rejects((await none.api()).approve('q'), { code: 'invalid_owner_answer' });
  await assert.rejects((await none.api()).revoke({ token: 't' }), { code: 'invalid_owner_answer' });
});

test('nobody by that name is undefined, a refusal is an error', async () => {
  assert.equal(await (await owner(() => undefined).api()).person('nobody'), undefined);
  const refused = owner(() => ({ status: 403, body: { error: 'insufficient_scope' } }));
  await assert.rejects((await refused.api()).person('bob'), { code: 'insufficient_scope', category: 'refused' });
});
