import assert from 'node:assert/strict';
import { request } from 'node:http';
import { posix } from 'node:path';
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
  '/%25%37%33ecret',
  '/a%25%32%66b',
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

it('the longest path decides where the file says so, whatever its order; else the first', () => {
  const rules = [
    { path: '/photos/*', scopes: ['view'], resource: 'Photos' },
    { path: '/photos/vacation.png', methods: ['GET'], scopes: ['view'], resource: 'Vacation' },
    { path: '/photos/vacation.png', methods: ['PUT'], scopes: ['edit'], resource: 'Vacation' },
  ];
  const nameOf = (match: 'first' | 'longest', method: string, path: string) =>
    matchRequest(readRoutes({ default: 'deny', match, routes: rules }), method, path).subject?.name;
  assert.equal(nameOf('first', 'GET', '/photos/vacation.png'), 'Photos');
  assert.equal(nameOf('longest', 'GET', '/photos/vacation.png'), 'Vacation');
  assert.equal(nameOf('longest', 'PUT', '/photos/vacation.png'), 'Vacation');
  assert.equal(nameOf('longest', 'DELETE', '/photos/vacation.png'), 'Photos');
  assert.equal(nameOf('longest', 'GET', '/photos/other.png'), 'Photos');
});

/** What a client can write into a request line: plain text, and everything that servers are known to read in different ways. */
const piece = fc.oneof(
  fc.constantFrom('secret', 'public', 'a', 'Secret', 'SECRET', '.', '..', '...', ''),
  fc.constantFrom(
    '%2e',
    '%2E%2e',
    '%2f',
    '%5c',
    '%3b',
    ';a=1',
    '%00',
    '%0d%0a',
    '%25',
    '%252e',
    '%252f',
    '%',
    '%zz',
    '%c0%ae',
  ),
  fc.constantFrom(
    '%73ecret',
    '%53ECRET',
    '%7E',
    '%20',
    '%c3%a4',
    '%ff',
    '\\',
    '|',
    '\t',
    '#',
    '?',
    '%23',
    '%3f',
    '@',
    ':',
    '//',
  ),
  fc.string({ minLength: 1, maxLength: 3 }),
);
const hex = (character: string) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
/** A word with its letters written in every way: plain, encoded, encoded twice, and twice with the second time spread over escapes. */
const disguised = fc
  .tuple(...[...'secret'].map((letter) => fc.tuple(fc.constant(letter), fc.nat({ max: 6 }))))
  .map((letters) =>
    letters
      .map(([letter, way]) => {
        const [, high = '', low = ''] = hex(letter);
        return (
          [
            letter,
            letter,
            letter,
            hex(letter),
            `%25${high}${low}`,
            `%25${hex(high)}${low}`,
            `%25${hex(high)}${hex(low)}`,
          ] as const
        )[way];
      })
      .join(''),
  );
const target = fc
  .array(
    fc.tuple(
      fc.constantFrom('/', '/', '\\', '%2f', '', ''),
      fc.oneof(disguised, piece, fc.constantFrom('secret', 'public', '%73ecret', '%c3%a4')),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => `/${parts.flat().join('')}`);

/** How servers behind a proxy come to the path that they look up: each of these is done by one that people use. */
const VIEWS: readonly [name: string, view: (path: string) => string][] = [
  ['as it is', (path) => path],
  ['a URL parser', (path) => new URL(path, 'http://upstream.example').pathname],
  ['decoded', (path) => decodeURIComponent(path)],
  ['decoded twice', (path) => decodeURIComponent(decodeURIComponent(path))],
  ['segments, then decoded', (path) => path.split('/').map(decodeURIComponent).join('/')],
  ['decoded, then dot segments removed', (path) => posix.normalize(decodeURIComponent(path))],
  [
    'parameters cut off',
    (path) =>
      path
        .split('/')
        .map((segment) => segment.split(';')[0])
        .join('/'),
  ],
  ['backslashes are slashes', (path) => decodeURIComponent(path).replaceAll('\\', '/')],
  ['slashes merged', (path) => decodeURIComponent(path).replace(/\/{2,}/g, '/')],
  ['cut at a NUL', (path) => decodeURIComponent(path).split('\0')[0] ?? ''],
];

it('P20 P21: whatever is sent, what the gateway lets through is the same path to every server, and no protected one in disguise', () => {
  const routes = readRoutes({
    default: 'pass',
    routes: [
      { path: '/secret', scopes: ['view'] },
      { path: '/secret/*', scopes: ['view'] },
    ],
  });
  let passed = 0;
  fc.assert(
    fc.property(target, (sent) => {
      let match: ReturnType<typeof matchRequest>;
      try {
        match = matchRequest(routes, 'GET', sent);
      } catch (error) {
        assert.ok(error instanceof UmaError && error.code === 'ambiguous_path', String(error));
        return;
      }
      passed += 1;
      const plain = decodeURIComponent(match.target.path);
      for (const [name, view] of VIEWS) {
        let seen: string;
        try {
          seen = view(match.target.path);
        } catch {
          // That server refuses it.
          continue;
        }
        assert.ok(seen === plain || decodeURIComponent(seen) === plain, `${name} reads ${sent} as ${seen}`);
        const hidden = /^\/secret(\/|$)/.test(seen);
        assert.equal(hidden && match.access !== 'protect', false, `${name} finds /secret in ${sent}`);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(passed > 20, `${passed} were let through: the test looks at something`);
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
