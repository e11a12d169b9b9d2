import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RS, start } from './harness.ts';

test('every answer has a name: a good one of the peer, else one of ours; of our own routes, of oidc-provider, of refusals', async () => {
  await using as = await start();
  const asked = async (path: string, init: RequestInit = {}, id?: string) =>
    (
      await as.send(path, {
        ...init,
        headers: { ...init.headers, ...(id === undefined ? {} : { 'x-request-id': id }) },
      })
    ).headers.get('x-request-id');
  const requests: [string, RequestInit][] = [
    ['/.well-known/uma2-configuration', {}],
    ['/jwks', {}],
    ['/token', { method: 'POST' }],
    ['/nowhere', {}],
    ['/permission', { method: 'DELETE' }],
    ['/resource_set', {}],
  ];
  const made = new Set<string | null>();
  for (const [path, init] of requests) {
    assert.equal(await asked(path, init, 'proxy-7:a.b_c'), 'proxy-7:a.b_c', path);
    made.add(await asked(path, init));
    // Too short, too long, or able to write into a log.
    for (const bad of ['short', 'x'.repeat(65), 'a b c d e f', '"},{"level":"x"', 'ünïcode-id'])
      made.add(await asked(path, init, bad));
  }
  assert.equal(made.size, requests.length * 6);
  for (const id of made) assert.match(id ?? '', /^[\w-]{22}$/);
});

test('a failure is logged under the name that its answer had', async () => {
  const logged: unknown[][] = [];
  const down = {
    stores: (stores: never) =>
      ({ ...(stores as object), resources: { ids: () => Promise.reject(new Error('broken')) } }) as never,
  };
  await using as = await start({ log: (...entry) => void logged.push(entry), watchers: [down] });
  const pat = (await as.token('alice', 'uma_protection', RS)).access_token;
  const answer = await as.json('GET', '/resource_set', pat);
  assert.equal(answer.status, 500);
  assert.equal(logged[0]?.[2], answer.headers.get('x-request-id'));
});
