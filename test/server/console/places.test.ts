// The console wherever a server may stand: beneath a path, in every layout, over TLS, behind several instances on one store.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createHttp, type RawRequest } from '../../../src/conformance/http.ts';
import { startServer } from '../../../src/server/start.ts';
import { RS, start, testConfig } from '../http/harness.ts';
import { Visitor } from './visitor.ts';

const log = () => undefined;
const pem = (name: string) => fileURLToPath(new URL(`../../adapters/certificates/${name}.pem`, import.meta.url));

/** What a client sends a browser to the claims page with. */
async function claimsQuery(issuer: string, ca: string): Promise<URLSearchParams> {
  const http = createHttp({ ca, timeout_ms: 10_000 });
  const post = async (path: string, authorization: string, type: string, body: string) => {
    const headers = { authorization, 'content-type': type };
    return JSON.parse((await http.send({ method: 'POST', url: issuer + path, headers, body })).response.body);
  };
  const json = (path: string, value: object) => post(path, `Bearer ${pat}`, 'application/json', JSON.stringify(value));
  const form = { grant_type: 'password', username: 'alice', password: 'password', scope: 'uma_protection' };
  const { access_token: pat } = await post(
    '/token',
    `Basic ${Buffer.from(RS).toString('base64')}`,
    'application/x-www-form-urlencoded',
    String(new URLSearchParams(form)),
  );
  const { _id: resource_id } = await json('/resource_set', { resource_scopes: ['view'] });
  const { ticket } = await json('/permission', { resource_id, resource_scopes: ['view'] });
  return new URLSearchParams({ client_id: 'UmaClient', ticket });
}

/** Every page, and every link of the frame, is beneath the issuer. */
async function walk(visitor: Visitor, password = 'password'): Promise<void> {
  await visitor.signIn('alice', '/console', password);
  assert.equal(visitor.page.path, '/console/requests');
  for (const [section, title] of [
    ['resources', 'Resources'],
    ['shared', 'Shared with me'],
    ['history', 'History'],
    ['requests', 'Requests'],
  ] as const) {
    const link = new RegExp(`href="([^"]+/${section})"`).exec(visitor.page.html)?.[1];
    await visitor.open(new URL(link!, visitor.page.url).href);
    assert.equal(visitor.page.status, 200);
    assert.equal(visitor.page.path, `/console/${section}`);
    assert.match(visitor.page.text, new RegExp(`${title} · Shares|${title}`));
  }
  const page = visitor.page;
  for (const [, address] of page.html.matchAll(/(?:src|href)="([^"#]+)"/g))
    assert.equal((await visitor.open(new URL(address!, page.url).href)).status, 200, address);
  await visitor.press(/Sign out/, {}, page);
  assert.match(visitor.page.text, /You are signed out/);
  await visitor.open('/console');
  assert.doesNotMatch(visitor.page.path, /^\/console/);
}

describe('the console', () => {
  for (const [layout, password] of [
    ['keycloak', 'password'],
    ['forgerock', 'Ch4ng31t'],
  ] as const)
    it(`in the layout ${layout}`, async (t) => {
      const server = await startServer({ port: 0, layout, log });
      t.after(() => server.close());
      await walk(new Visitor(server.issuer), password);
    });

  it('forgerock: the page that user_access_policy_uri names there leads into it', async (t) => {
    const server = await startServer({ port: 0, layout: 'forgerock', log });
    t.after(() => server.close());
    const alice = new Visitor(server.issuer);
    await alice.signIn('alice', `${server.url}/openam/XUI/?realm=/#uma/share/x`, 'Ch4ng31t');
    assert.equal(alice.page.path, '/console/resources');
  });

  it('beneath a path', async () => {
    await using before = await start();
    const { port } = new URL(before.server.url);
    await before.server.close();
    await using as = await start({ port: Number(port), issuer: `http://127.0.0.1:${port}/tenant` });
    await walk(new Visitor(as.server.issuer));
  });

  it('over TLS: cookies that no other host and no plain http can set', async () => {
    const tls = { cert: pem('loopback'), key: pem('loopback-key') };
    const server = await startServer({ port: 0, tls, readableFiles: true, config: testConfig(), log });
    try {
      const visitor = new Visitor(server.issuer, { ca: readFileSync(tls.cert, 'utf8') });
      await walk(visitor);
      const { status } = await visitor.open(
        `/claims?${await claimsQuery(server.issuer, readFileSync(tls.cert, 'utf8'))}`,
      );
      assert.equal(status, 200);
      assert.ok(visitor.cookies.some((cookie) => cookie.startsWith('__Secure-uma_claims')));
      const session = visitor.cookies.filter((cookie) => cookie.startsWith('__Host-uma_session'));
      assert.ok(session.length >= 2);
      for (const cookie of visitor.cookies) {
        assert.match(cookie, /^__(Host|Secure)-/);
        assert.match(cookie, /; secure/i);
        assert.match(cookie, /; httponly/i);
        assert.match(cookie, /; samesite=lax/i);
      }
      for (const cookie of session) assert.match(cookie, /; path=\/(;|$)/i);
    } finally {
      await server.close();
    }
  });

  it('who signs in where somebody else is signed in gets a session of his own, and the one before has ended', async () => {
    await using as = await start();
    const browser = new Visitor(as.server.issuer);
    await browser.signIn('alice');
    const before = browser.cookies.findLast((cookie) => /^uma_session_\w+=/.test(cookie))!;
    const query = new URLSearchParams({
      client_id: 'uma-console',
      response_type: 'none',
      scope: 'openid',
      redirect_uri: `${as.server.issuer}/console/signed-in`,
      state: '/console/resources',
      prompt: 'login',
    });
    await browser.signIn('bob', `/authorize?${query}`);
    assert.equal(browser.page.path, '/console/resources');
    assert.match(browser.page.text, /Signed in as Bob Baker/);
    const after = browser.cookies.findLast((cookie) => /^uma_session_\w+=/.test(cookie))!;
    assert.notEqual(after.split(';')[0], before.split(';')[0]);
    const cookie = browser.cookies.filter((item) => item.split('; ')[0]!.includes('session')).slice(0, 2);
    const old = await as.send('/console/requests', {
      headers: { cookie: cookie.map((item) => item.split(';')[0]).join('; ') },
    });
    assert.equal(old.status, 303);
    assert.match(old.headers.get('location') ?? '', /\/authorize\?/);
  });

  it('two instances on one store: signed in at one is signed in at the other, and signing out ends both', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'uma-console-'));
    const first = await start({ dataDir });
    const second = await start({ dataDir, issuer: first.server.issuer });
    try {
      let turn = 0;
      /** A load balancer that gives each request to the next instance. */
      const through = (request: RawRequest): RawRequest => {
        turn += 1;
        if (turn % 2 === 0) return request;
        const { host, pathname, search } = new URL(request.url);
        return { ...request, url: second.server.url + pathname + search, headers: { ...request.headers, host } };
      };
      const pat = await first.pat();
      const id = await first.register(pat, { name: 'Shared store', resource_scopes: ['view'] });
      await first.redeem(await first.ticket(pat, id), await first.claimToken());
      const alice = new Visitor(first.server.issuer, { through });
      await alice.signIn();
      for (let round = 0; round < 3; round += 1)
        assert.match((await alice.open('/console')).text, /asks for Shared store/);
      await alice.press(/Allow Bob Baker/);
      assert.match(alice.page.text, /Allowed\. Bob Baker may now use Shared store/);
      await alice.press(/Sign out/);
      for (let round = 0; round < 2; round += 1)
        assert.match((await alice.open('/console/history')).path, /^\/interaction/);
    } finally {
      await second.server.close();
      await first.server.close();
      rmSync(dataDir, { recursive: true });
    }
  });
});
