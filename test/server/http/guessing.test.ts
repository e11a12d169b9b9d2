// Guessing passwords and client secrets, over HTTP. Each address is another peer: the test's proxy says so.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { UMA_TICKET_GRANT } from '../../../src/protocol/outcome.ts';
import { startServer } from '../../../src/server/start.ts';
import { Browser } from './browser.ts';
import { type Answer, CLIENT, Harness, start } from './harness.ts';

interface Guess {
  account: string;
  secret: string;
  address: string;
}
/** Presents one secret. `status` is 200 or 303 for the right one. */
type Way = (as: Harness, guess: Guess) => Promise<Answer>;

const from = (address: string) => ({ 'x-forwarded-for': address });
const authorize = `/authorize?${new URLSearchParams({
  client_id: 'uma-cli',
  response_type: 'code',
  redirect_uri: 'http://127.0.0.1:7777/callback',
  scope: 'uma_owner',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})}`;

const PASSWORDS: Record<string, { layout?: string; secret?: string; way: Way }> = {
  'the password grant': {
    way: (as, { account, secret, address }) =>
      as.post('/token', { grant_type: 'password', username: account, password: secret }, CLIENT, from(address)),
  },
  'the sign-in page': {
    async way(as, { account, secret, address }) {
      const browser = await new Browser(as).go(authorize);
      const form = { action: 'continue', username: account, password: secret };
      await browser.submit(form, from(address));
      return browser.page!;
    },
  },
  "the console's sign-in": {
    async way(as, { account, secret, address }) {
      const browser = await new Browser(as).go('/console/requests');
      await browser.submit({ action: 'continue', username: account, password: secret }, from(address));
      return browser.page!;
    },
  },
  'the page of claims interaction': {
    async way(as, { account, secret, address }) {
      const pat = await as.pat();
      const ticket = await as.ticket(pat, await as.register(pat, { name: 'Photo', resource_scopes: ['view'] }));
      const query = new URLSearchParams({ client_id: 'UmaClient', ticket });
      const browser = await new Browser(as).go(`/claims?${query}`);
      await browser.submit({ action: 'sign-in', username: account, password: secret }, from(address));
      return browser.page!;
    },
  },
  "the forgerock layout's sign-in": {
    layout: 'forgerock',
    secret: 'Ch4ng31t',
    way: (as, { account, secret, address }) =>
      as.send('/json/authenticate', {
        method: 'POST',
        headers: { 'x-openam-username': account, 'x-openam-password': secret, ...from(address) },
      }),
  },
};

const asClient =
  (path: string, form: Record<string, string>, how: 'basic' | 'post' = 'basic'): Way =>
  (as, { account, secret, address }) =>
    how === 'basic'
      ? as.post(path, form, `${account}:${secret}`, from(address))
      : as.post(path, { ...form, client_id: account, client_secret: secret }, undefined, from(address));
const SECRETS: Record<string, { layout?: string; secret?: string; way: Way }> = {
  'the token endpoint, Basic': { way: asClient('/token', { grant_type: 'client_credentials' }) },
  'the token endpoint, form': { way: asClient('/token', { grant_type: 'client_credentials' }, 'post') },
  'the ticket grant, Basic': { way: asClient('/token', { grant_type: UMA_TICKET_GRANT, ticket: 'x' }) },
  'the ticket grant, form': { way: asClient('/token', { grant_type: UMA_TICKET_GRANT, ticket: 'x' }, 'post') },
  introspection: { way: asClient('/introspect', { token: 'x' }) },
  'introspection, form': { way: asClient('/introspect', { token: 'x' }, 'post') },
  revocation: { way: asClient('/revoke', { token: 'x' }) },
  'device authorization': { way: asClient('/device_authorization', { scope: 'openid' }) },
  'pushed requests': { way: asClient('/par', { response_type: 'code' }) },
  "the keycloak layout's introspection": {
    layout: 'keycloak',
    way: asClient('/protocol/openid-connect/token/introspect', { token: 'x' }),
  },
};

async function server(context: TestContext, layout = 'standard'): Promise<Harness> {
  // The clock stands still: a wait does not end while a busy machine is slow.
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const options = { port: 0, trustProxy: ['127.0.0.1'], layout };
  const as = layout === 'standard' ? await start(options) : new Harness(await startServer(options), []);
  context.after(() => as.server.close());
  return as;
}

/** What a peer can tell answers by, the name that it sent itself left out. */
function seen({ status, headers, text }: Answer, account: string): unknown {
  const told = [...headers].filter(
    ([name]) => !['date', 'set-cookie', 'connection', 'keep-alive', 'x-request-id'].includes(name),
  );
  const plain = text.replaceAll(account, 'NAME').replace(/name="(?:xsrf|csrf)" value="[^"]*"/g, '');
  return { status, told: told.map(([name, value]) => [name, value.replaceAll(account, 'NAME')]), plain };
}

function suite(
  ways: typeof PASSWORDS,
  { known, unknown, free, good }: { known: string; unknown: string; free: number; good(answer: Answer): boolean },
): void {
  for (const [name, { layout, way, secret = 'password' }] of Object.entries(ways)) {
    it(`${name}: a known and an unknown name get the same answers byte for byte, and after ${free} wrong ones a wait`, async (t) => {
      const as = await server(t, layout);
      const tries = async (account: string) => {
        const answers: unknown[] = [];
        for (let count = 0; count < free + 2; count += 1)
          answers.push(seen(await way(as, { account, secret: 'wrong', address: '192.0.2.1' }), account));
        return answers as { status: number; told: [string, string][] }[];
      };
      const [first, second] = [await tries(known), await tries(unknown)];
      assert.deepEqual(second, first);
      assert.deepEqual(
        first.map(({ status }) => status).map((status) => (status === 429 ? 429 : 'wrong')),
        [...Array.from({ length: free }, () => 'wrong'), 429, 429],
      );
      assert.equal(new Map(first.at(-1)?.told).get('retry-after'), '1');
      assert.equal(new Map(first.at(-1)?.told).get('cache-control'), 'no-store');
      assert.equal(as.logged.length, 0);
    });

    it(`${name}: the wait holds for the right secret too, at this network only, ends, doubles, and a success ends it`, async (t) => {
      const as = await server(t, layout);
      const wrong = (address: string) => way(as, { account: known, secret: 'wrong', address });
      const right = (address: string) => way(as, { account: known, secret, address });
      for (let count = 0; count < free; count += 1) assert.ok(!good(await wrong('2001:db8:1:2::1')));
      assert.equal((await right('2001:db8:1:2:ffff::2')).status, 429, 'the same network');
      assert.ok(good(await right('2001:db8:1:3::1')), 'another network');
      t.mock.timers.tick(1000);
      assert.notEqual((await wrong('2001:db8:1:2::1')).status, 429);
      assert.equal((await wrong('2001:db8:1:2::1')).headers.get('retry-after'), '2');
      t.mock.timers.tick(2000);
      assert.ok(good(await right('2001:db8:1:2::1')));
      for (let count = 0; count < free; count += 1) assert.notEqual((await wrong('2001:db8:1:2::1')).status, 429);
    });
  }
}

describe('guessing passwords (RFC 6749 10.10)', () => {
  suite(PASSWORDS, { known: 'alice', unknown: 'alicf', free: 5, good: ({ status }) => status < 400 });
});

describe('guessing client secrets (RFC 6749 2.3.1, SEC-7009-06)', () => {
  suite(SECRETS, {
    known: 'UmaClient',
    unknown: 'UmaClienu',
    free: 20,
    good: ({ status }) => status !== 401 && status !== 429,
  });
});

it('a guess counts for the address of a peer that has hung up meanwhile', async (t) => {
  const as = await server(t);
  const { hostname, port } = new URL(as.server.issuer);
  const guess = (path: string, form: Record<string, string>) => {
    const body = new URLSearchParams(form).toString();
    const lines = [
      `POST ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      `Authorization: Basic ${btoa('UmaClient:wrong')}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    // What is no HTTP after it makes the server drop the connection while it works at the request.
    return `${lines.join('\r\n')}\r\n\r\n${body}\x01garbage\r\n\r\n`;
  };
  const ways = [
    ['/token', { grant_type: UMA_TICKET_GRANT, ticket: 'x' }],
    ['/token', { grant_type: 'client_credentials' }],
    ['/introspect', { token: 'x' }],
  ] as const;
  for (let count = 0; count < 21; count += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const [path, form] = ways[count % ways.length]!;
    socket.end(guess(path, form));
    await once(socket.resume(), 'close');
  }
  const answer = await as.post('/token', { grant_type: UMA_TICKET_GRANT, ticket: 'x' }, CLIENT);
  assert.equal(answer.status, 429);
  assert.deepEqual(as.logged, []);
});
