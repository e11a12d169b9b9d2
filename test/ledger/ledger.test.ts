import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publishedIn, secretsOf, standingIn } from '../../scripts/secrets.ts';

const SECRET = 'q3nXb7-vT1mK9sLwE5rYu2Zp0aHd6fGjC8oQiNxVtAk';
const exchange = (part: object) =>
  JSON.stringify({ url: '/', headers: {}, body: '', answer: { headers: {}, body: '' }, ...part });

for (const [where, part] of Object.entries({
  'a bearer token': { headers: { authorization: `Bearer ${SECRET}` } },
  'a client secret in Basic': { headers: { authorization: `Basic ${btoa(`client:${SECRET}`)}` } },
  'a cookie': { headers: { cookie: `a=1; _session=${SECRET}` } },
  'a DPoP proof': { headers: { dpop: SECRET } },
  'a query': { url: `/claims?ticket=${SECRET}&x=1` },
  'a form': { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `password=${SECRET}` },
  'a JSON answer': { answer: { headers: {}, body: JSON.stringify({ ticket: SECRET }) } },
  'a set cookie': { answer: { headers: { 'set-cookie': `_session=${SECRET}; path=/` }, body: '' } },
  'a redirect': { answer: { headers: { location: `https://client.example/cb?code=${SECRET}&state=1` }, body: '' } },
  'a challenge': { answer: { headers: { 'www-authenticate': `UMA realm="x", ticket="${SECRET}"` }, body: '' } },
})) {
  test(`the ledger knows the secret in ${where}`, () => {
    assert.ok(secretsOf(exchange(part)).includes(SECRET));
  });
}

test('an address is no secret, though somebody sent it as one; the code in it is', () => {
  const location = `https://client.example/cb?code=${SECRET}`;
  const body = 'code=https%3A%2F%2Fevil.example%2F';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.deepEqual(secretsOf(exchange({ headers, body, answer: { headers: { location }, body: '' } })), [SECRET]);
});

test('words of a discovery document are no secrets; those of another answer are', () => {
  const body = JSON.stringify({ grant_types_supported: ['authorization_code'], ticket: SECRET });
  const answer = { headers: {}, body };
  assert.ok(publishedIn(exchange({ url: '/.well-known/uma2-configuration', answer })).includes('authorization_code'));
  assert.deepEqual(publishedIn(exchange({ url: '/permission', answer })), []);
});

test('a secret is found wherever it stands, and told without itself', () => {
  const [place, ...more] = standingIn(
    `\n$ uma rpt\nx${SECRET}y\n`,
    new Set([SECRET, 'another-secret-that-is-nowhere']),
  );
  assert.deepEqual([place, more], ['x[SECRET]y   (uma rpt)', []]);
  assert.deepEqual(standingIn(SECRET.slice(0, -1), new Set([SECRET])), []);
});

test('a run in which a token is told to people fails; the same run without does not', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const run = (more: Record<string, string>) => {
    const { NODE_TEST_CONTEXT: _outer, NODE_OPTIONS: _recorder, ...env } = process.env;
    const args = ['scripts/test.ts', 'test/ledger/leak.ts'];
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: { ...env, ...more } });
  };
  const leaking = run({ LEAK: 'yes' });
  assert.equal(leaking.status, 1, leaking.stdout + leaking.stderr);
  assert.match(leaking.stdout, /the token is \[SECRET\]!/);
  const silent = run({});
  assert.equal(silent.status, 0, silent.stdout + silent.stderr);
  assert.match(silent.stdout, /secrets: 1 searched for/);
});
