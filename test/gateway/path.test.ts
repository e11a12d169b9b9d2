import assert from 'node:assert/strict';
import { request } from 'node:http';
import { it } from 'node:test';
import fc from 'fast-check';
import { matchRequest } from '../../src/gateway/match.ts';
import { readTarget } from '../../src/gateway/path.ts';
import { readRoutes } from '../../src/gateway/routes.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { ROUTES, startGate } from './harness.ts';

const AMBIGUOUS = [
  '/a/../b',
  '/a/./b',
  '/..',
  '/a/%2e%2e/b',
  '/a/.%2E/b',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a\\b',
  '/a//b',
  '//a',
  '/a;x=1/b',
  '/a%3bx',
  '/a%00',
  '/a%0d%0ab',
  '/a%252fb',
  '/a%',
  '/a%zz',
  '/a%ff',
  '/a%c0%af',
  '/a b',
  '/ä',
  '/a|b',
  'a',
  'http://other.example/a',
  '*',
];

it('P21: paths that two servers could read differently are refused', () => {
  for (const target of AMBIGUOUS) {
    assert.throws(
      () => readTarget(target),
      (error) => error instanceof UmaError && error.code === 'ambiguous_path',
      target,
    );
  }
});

it('P21: one spelling: escapes of letters are undone, others in capitals; the query stays as it was sent', () => {
  assert.equal(readTarget('/%61lbum/%c3%a4%20x').path, '/album/%C3%A4%20x');
  assert.deepEqual([readTarget('/a/?x=%2f&y=a;b').path, readTarget('/a/?x=%2f&y=a;b').query], ['/a/', '?x=%2f&y=a;b']);
});

it('what is read is a fixed point, and a URL parser changes nothing in it', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      let read: string;
      try {
        read = readTarget(path).path;
      } catch {
        return;
      }
      assert.equal(readTarget(read).path, read);
      assert.equal(new URL(read, 'http://upstream.example').pathname, read);
    }),
  );
});

it('P21: neither query nor segment can put a protected path under another rule', () => {
  const routes = readRoutes({
    default: 'deny',
    routes: [
      { path: '/denied', access: 'pass' },
      { path: '/secret/*', scopes: ['view'] },
    ],
  });
  const accessOf = (target: string) => matchRequest(routes, 'GET', target).access;
  assert.equal(accessOf('/secret/x?/denied'), 'protect');
  assert.equal(accessOf('/secret/denied'), 'protect');
  assert.equal(accessOf('/secret/x?path=/denied'), 'protect');
  assert.equal(accessOf('/%73ecret/x'), 'protect');
  assert.equal(accessOf('/denied/x'), 'deny');
});

it('a parameter that a rule asks about counts only once', () => {
  const routes = readRoutes(ROUTES);
  assert.throws(() => matchRequest(routes, 'GET', '/photos/a?download=0&download=1'), { code: 'ambiguous_query' });
  assert.deepEqual(matchRequest(routes, 'GET', '/photos/a?download=1').subject?.scopes, ['download']);
  assert.deepEqual(matchRequest(routes, 'GET', '/photos/a?x=1&x=2').subject?.scopes, ['view']);
});

it('different values are different resources, however the names come out', () => {
  const routes = readRoutes({
    default: 'deny',
    routes: [{ path: '/{a}/{b}', scopes: ['view'], resource: '{a}-{b}' }],
  });
  const one = matchRequest(routes, 'GET', '/x-y/z').subject;
  const other = matchRequest(routes, 'GET', '/x/y-z').subject;
  assert.equal(one?.name, other?.name);
  assert.notEqual(one?.key, other?.key);
});

it('the gateway refuses them with 400 and asks nobody; the upstream sees what was matched', async () => {
  await using gate = await startGate({ routes: { default: 'pass', routes: [] } });
  const raw = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const { hostname, port } = new URL(gate.gateway.url);
      request({ hostname, port, path }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      })
        .once('error', reject)
        .end();
    });
  for (const path of AMBIGUOUS.filter((target) => /^\/[!-~]*$/.test(target))) assert.equal(await raw(path), 400, path);
  assert.deepEqual(gate.newCalls(), []);
  assert.equal(gate.upstream.seen.length, 0);
  assert.equal(await raw('/%61lbum/caf%c3%a9?q=%2F;x'), 200);
  assert.equal(gate.upstream.seen.at(0)?.url, '/album/caf%C3%A9?q=%2F;x');
});

it('routes that say less than they mean are refused with the place', () => {
  const cases: [unknown, RegExp][] = [
    [[], /the file must be/],
    [{ routes: [] }, /default/],
    [{ default: 'deny', routes: [{ path: 'x', scopes: [] }] }, /routes\[0\]\.path/],
    [{ default: 'deny', routes: [{ path: '/x' }] }, /routes\[0\]\.scopes/],
    [{ default: 'deny', routes: [{ path: '/x', acces: 'deny', scopes: [] }] }, /routes\[0\]\.acces /],
    [{ default: 'deny', routes: [{ path: '/x', scopes: [], resource: '{id}' }] }, /\{id\}/],
    [{ default: 'deny', routes: [], jwt: { algorithms: ['HS256'] } }, /HS256/],
    [{ default: 'deny', routes: [], limits: { body: -1 } }, /limits\.body/],
  ];
  for (const [value, expected] of cases)
    assert.throws(() => readRoutes(value), { code: 'invalid_routes', message: expected });
});
