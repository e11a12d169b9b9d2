import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../src/client/connection.ts';
import { patOf } from '../../src/client/resource-server.ts';
import { type FetchedToken, obtain, renew, sendWithToken } from '../../src/client/tokens.ts';
import { bearer, jsonRequest } from '../../src/protocol/http.ts';
import { ENDPOINTS, form, ISSUER, memoryCache, script } from './script.ts';

const ask = (token: string) => jsonRequest('GET', 'https://as.example/realm/resources', undefined, bearer(token));

/** A source that gives t1, t2, ... */
function counting(answer: Record<string, unknown> = { expires_in: 60 }): FetchedToken & { fetched: number } {
  const source = {
    key: ['pat', 'rs', 'alice'],
    fetched: 0,
    async fetch() {
      source.fetched += 1;
      return { access_token: `t${source.fetched}`, token_type: 'Bearer', ...answer };
    },
  };
  return source;
}

test('a kept token that the server has forgotten is dropped and fetched anew, once', async () => {
  const peer = script(({ headers }) => ({ status: headers.authorization === 'Bearer t2' ? 200 : 401, body: [] }));
  const cache = memoryCache();
  const connection = new Connection({ issuer: ISSUER, send: peer.send, endpoints: ENDPOINTS, cache, now: () => 1000 });
  const source = counting();
  await renew(connection, source);
  const { response } = await sendWithToken(connection, source, ask);
  assert.equal(response.status, 200);
  assert.equal(source.fetched, 2);
  assert.deepEqual(
    peer.requests.map(({ headers }) => headers.authorization),
    ['Bearer t1', 'Bearer t2'],
  );
  assert.deepEqual(
    [...cache.items.values()].map(({ expires_at }) => expires_at),
    [1060],
  );
});

test('a new token that is refused is not fetched a second time', async () => {
  const peer = script(() => ({ status: 401 }));
  const connection = new Connection({ issuer: ISSUER, send: peer.send, endpoints: ENDPOINTS, cache: memoryCache() });
  const source = counting();
  assert.equal((await sendWithToken(connection, source, ask)).response.status, 401);
  assert.equal(source.fetched, 1);
  assert.equal(peer.requests.length, 1);
});

test('a given token is used as it is', async () => {
  const peer = script(() => ({ status: 401 }));
  const connection = new Connection({ issuer: ISSUER, send: peer.send, endpoints: ENDPOINTS });
  assert.equal((await sendWithToken(connection, { given: 'mine' }, ask)).response.status, 401);
  assert.deepEqual(
    peer.requests.map(({ headers }) => headers.authorization),
    ['Bearer mine'],
  );
});

test('concurrent needs make one fetch', async () => {
  const peer = script(() => ({ body: [] }));
  const connection = new Connection({ issuer: ISSUER, send: peer.send, endpoints: ENDPOINTS, cache: memoryCache() });
  const source = counting();
  await Promise.all(Array.from({ length: 5 }, () => sendWithToken(connection, source, ask)));
  assert.equal(source.fetched, 1);
});

test('a token of unknown life is not kept', async () => {
  const cache = memoryCache();
  const connection = new Connection({ issuer: ISSUER, send: script(() => undefined).send, cache });
  const source = counting({});
  assert.equal((await obtain(connection, source)).kept, false);
  assert.equal(cache.items.size, 0);
});

test('a token with an ID token is kept no longer than that lives', async () => {
  const cache = memoryCache();
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const id_token = `${part({ alg: 'none' })}.${part({ exp: 1010 })}.x`;
  const connection = new Connection({ issuer: ISSUER, send: script(() => undefined).send, cache, now: () => 1000 });
  await obtain(connection, counting({ expires_in: 3600, id_token }));
  assert.deepEqual(
    [...cache.items.values()].map(({ expires_at }) => expires_at),
    [1010],
  );
});

test('tokens are kept apart by issuer, client and person', async () => {
  const cache = memoryCache();
  const peer = script((_request, at) => ({ body: { access_token: `t${at}`, token_type: 'Bearer', expires_in: 60 } }));
  const person = (name: string) => ({ name, password: async () => 'password' });
  const client = (id: string) => ({ id, secret: 's', method: 'client_secret_basic' as const });
  for (const issuer of [ISSUER, 'https://other.example']) {
    const connection = new Connection({ issuer, send: peer.send, endpoints: ENDPOINTS, cache });
    for (const id of ['rs1', 'rs2']) {
      for (const owner of ['alice', 'bob']) {
        await obtain(connection, patOf(connection, client(id), { grant: 'password', owner: person(owner) }));
      }
      await obtain(connection, patOf(connection, client(id), { grant: 'client_credentials' }));
    }
  }
  assert.equal(cache.items.size, 12);
  assert.equal(peer.requests.length, 12);
});

test('a PAT is asked for with the scope uma_protection, and the password only when one is fetched', async () => {
  const peer = script(() => ({ body: { access_token: 'p', token_type: 'Bearer', expires_in: '60' } }));
  const notes: string[] = [];
  const connection = new Connection({
    issuer: ISSUER,
    send: peer.send,
    endpoints: ENDPOINTS,
    cache: memoryCache(),
    note: (text) => notes.push(text),
  });
  let asked = 0;
  const owner = {
    name: 'alice',
    async password() {
      asked += 1;
      return 'pa ss';
    },
  };
  const source = patOf(
    connection,
    { id: 'rs', secret: 's', method: 'client_secret_post' },
    { grant: 'password', owner },
  );
  await obtain(connection, source);
  assert.equal((await obtain(connection, source)).kept, true);
  assert.equal(asked, 1);
  assert.deepEqual(form(peer.requests[0]), {
    client_id: 'rs',
    client_secret: 's',
    grant_type: 'password',
    username: 'alice',
    password: 'pa ss',
    scope: 'uma_protection',
  });
  assert.match(notes.join(), /expires_in/, 'the tolerated string is named');
});
