// What the server asks for beyond the first claims: at its pages, from another issuer, on another device. With real servers and a browser.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { JSONWebKeySet } from 'jose';
import { httpSend } from '../../src/adapters/http.ts';
import { Browser } from '../../src/conformance/browser.ts';
import { formsOf } from '../../src/conformance/html.ts';
import { createHttp } from '../../src/conformance/http.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/start.ts';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { RS_CLIENT } from '../gateway/harness.ts';
import { startUma, type Uma } from './uma.ts';

const http = createHttp({ timeout_ms: 5000 });

async function freePort(): Promise<number> {
  const socket = createSocketServer();
  await once(socket.listen(0, '127.0.0.1'), 'listening');
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

let uma: Uma;
let elsewhere: RunningServer;
let gateway: RunningGateway;
let back: string;
let resource: string;
const photos = createServer((_request, response) => response.setHeader('content-type', 'text/plain').end('the photo'));

before(async () => {
  elsewhere = await startServer({ port: 0 });
  back = `http://127.0.0.1:${await freePort()}/callback`;
  const config = walkthroughConfig();
  config.clients = config.clients.map((client) =>
    client.client_id === 'UmaClient' ? { ...client, claims_redirect_uris: [back] } : client,
  );
  config.settings.self_asserted_claims = ['country'];
  const jwks = (await (await fetch(`${elsewhere.issuer}/jwks`)).json()) as JSONWebKeySet;
  config.trusted_issuers = [
    { issuer: elsewhere.issuer, keys: { jwks }, algorithms: ['ES256', 'RS256', 'EdDSA', 'Ed25519'] },
  ];
  uma = await startUma({ config });
  await once(photos.listen(0, '127.0.0.1'), 'listening');
  const pat = await uma.run(['pat', '--owner', 'alice', '--field', 'access_token']);
  gateway = await startGateway({
    upstream: `http://127.0.0.1:${(photos.address() as AddressInfo).port}`,
    routes: {
      default: 'deny',
      owner: 'alice',
      cache: { read: 0 },
      routes: [{ path: '/*', scopes: ['view'], resource: 'Photos' }],
    },
    issuer: uma.server.issuer,
    client: RS_CLIENT,
    send: httpSend({ timeout: 5, insecure: false }),
    port: 0,
    pat: { mode: 'given', pat: pat.out.trim(), owner: 'alice' },
  });
  // Registered when it is first asked for.
  await (await fetch(`${gateway.url}/a.png`)).text();
  resource = (await uma.run(['resource', 'list', '--owner', 'alice'])).json<{ _id: string }[]>()[0]!._id;
});
after(async () => {
  photos.close();
  await gateway?.close();
  await uma?.close();
  await elsewhere.close();
});

/** Alice allows this, until the end of the test. */
async function allow(policy: object): Promise<AsyncDisposable> {
  const body = JSON.stringify({ resource_id: resource, effect: 'allow', scopes: ['view'], ...policy });
  const { code, err, json } = await uma.run(['policy', 'add', '--owner', 'alice', '--input', '-'], { stdin: body });
  assert.equal(code, 0, err);
  const { id } = json<{ id: string }>();
  return {
    async [Symbol.asyncDispose]() {
      await uma.run(['policy', 'delete', id, '--owner', 'alice', '--yes']);
      await uma.run(['revoke', '--owner', 'alice', '--resource', resource, '--party', 'bob', '--yes']);
    },
  };
}
const fromNewZealand = () => ({
  subject: { party: { iss: uma.server.issuer, sub: 'bob' } },
  claims: [{ name: 'country', values: ['NZ'] }],
});

/** Runs it with the person who goes to `address` when she is told to. */
async function withPerson(argv: string[], visit: (address: string) => Promise<unknown>) {
  let going: Promise<unknown> | undefined;
  const ran = await uma.run([...argv, '--no-browser', '--claims-redirect-uri', back], {
    onErr(text) {
      const address = /to give claims, go to (\S+)/.exec(text)?.[1];
      if (address !== undefined) going ??= visit(address);
    },
  });
  await going;
  return ran;
}

/** Signs in, says that he is from New Zealand or that he does not agree, and has the browser come back. */
async function atThePages(address: string, agree = true, change = (url: URL) => url): Promise<void> {
  const browser = new Browser((request) => http.send(request));
  const home = (next: URL) => next.href.startsWith(back);
  const person = { username: 'bob', password: 'password' };
  const page = await browser.complete(address, home, { person, pause: true });
  const [form] = formsOf(page.answer.response.body, page.url);
  assert.ok(form, page.answer.response.body);
  const walk = await browser.submit(
    form,
    agree ? { action: 'agree', 'claim:country': 'NZ' } : { action: 'cancel' },
    home,
  );
  assert.ok(walk.returned, `the browser stayed at ${walk.url}`);
  await (await fetch(change(walk.returned))).text();
}
/** Token requests after Bob was sent to the pages. */
const afterwards = (err: string) => (err.split('to give claims, go to')[1] ?? '').match(/POST \/token/g)?.length ?? 0;

describe('claims at the pages of the server', () => {
  it('GRANT-3.3-01 GRANT-3.3.2-02 GRANT-3.3.2-07: uma get sends Bob there with the newest ticket, and gets the photo with the one he brings back', async () => {
    await using _policy = await allow(fromNewZealand());
    const ran = await withPerson(['get', `${gateway.url}/a.png`, '--party', 'bob', '-v'], atThePages);
    assert.deepEqual([ran.code, ran.out], [0, 'the photo'], ran.err);
    assert.equal(afterwards(ran.err), 1);
  });

  it('uma rpt does it, too', async () => {
    await using _policy = await allow(fromNewZealand());
    const ticket = await uma.run([
      'ticket',
      '--owner',
      'alice',
      '--resource',
      resource,
      '--scope',
      'view',
      '--field',
      'ticket',
    ]);
    const ran = await withPerson(['rpt', '--ticket', ticket.out.trim(), '--party', 'bob'], atThePages);
    assert.equal(ran.code, 0, ran.err);
    assert.ok(ran.json().access_token);
  });

  it('GRANT-3.3.3-10: Bob says no: exit 4, and the spent ticket is not used', async () => {
    await using _policy = await allow(fromNewZealand());
    const ran = await withPerson(['get', `${gateway.url}/a.png`, '--party', 'bob', '-v'], (url) =>
      atThePages(url, false),
    );
    assert.equal(ran.code, 4, ran.err);
    assert.match(ran.err, /access_denied/);
    assert.equal(afterwards(ran.err), 0);
  });

  it('GRANT-5.1-05: a return with another state: exit 9, no token request follows', async () => {
    await using _policy = await allow(fromNewZealand());
    const ran = await withPerson(['get', `${gateway.url}/a.png`, '--party', 'bob', '-v'], (url) =>
      atThePages(url, true, (returned) => {
        returned.searchParams.set('state', 'x');
        return returned;
      }),
    );
    assert.equal(ran.code, 9, ran.err);
    assert.equal(afterwards(ran.err), 0);
  });

  it('GRANT-3.3.6-13: nobody there to send: exit 6 with the object, and how to get there', async () => {
    await using _policy = await allow(fromNewZealand());
    const ran = await uma.run(['get', `${gateway.url}/a.png`, '--party', 'bob']);
    assert.equal(ran.code, 6, ran.err);
    assert.equal(ran.json().redirect_user, `${uma.server.issuer}/claims`);
    assert.match(ran.err, /--no-browser/);
  });

  it('claims that the pages did not bring are said to be asked for twice: exit 6, not a loop', async () => {
    await using _policy = await allow({ ...fromNewZealand(), claims: [{ name: 'shoe_size', values: ['43'] }] });
    const ran = await withPerson(['get', `${gateway.url}/a.png`, '--party', 'bob'], atThePages);
    assert.equal(ran.code, 6, ran.err);
    assert.match(ran.err, /asked for again, in spite of what was sent: shoe_size/);
  });

  it('a port that is taken, and no terminal to paste into: exit 2, naming the flag', async () => {
    await using _policy = await allow(fromNewZealand());
    const other = createServer().listen(Number(new URL(back).port), '127.0.0.1');
    await once(other, 'listening');
    const ran = await withPerson(['get', `${gateway.url}/a.png`, '--party', 'bob'], async () => assert.fail('sent'));
    other.close();
    assert.equal(ran.code, 2, ran.err);
    assert.match(ran.err, /cannot be listened on .EADDRINUSE.[\s\S]*--claims-redirect-uri/);
  });
});

describe('a claim token from elsewhere', () => {
  it('GRANT-3.3.6-11: the issuer that the server names is one of a profile: its ID token is pushed, its credentials go nowhere else', async () => {
    await using _policy = await allow({
      subject: { party: { iss: elsewhere.issuer, sub: 'chris' } },
    });
    const secret = uma.file('secret.txt', 'password');
    const add = [
      'profile',
      'add',
      'partner',
      '--issuer',
      elsewhere.issuer,
      '--client',
      'UmaClient',
      '--party',
      'chris',
    ];
    const added = await uma.run([...add, '--client-secret-file', secret, '--party-password-file', secret]);
    assert.equal(added.code, 0, added.err);
    const used = await uma.run(['profile', 'use', 'demo']);
    const env = { UMA_PROFILE: 'demo' };
    assert.ok(used.code === 0 || used.err.includes('demo'));
    const ran = await uma.run(['get', `${gateway.url}/a.png`, '--no-claims', '-v'], { env });
    await uma.run(['profile', 'delete', 'partner', '--yes']);
    assert.deepEqual([ran.code, ran.out], [0, 'the photo'], ran.err);
    assert.match(ran.err, /claims of chris at /);
  });
});

it('GRANT-5.2-02: uma get shows the RPT nowhere: not on either stream, not in the trace; it is kept for its owner only', async () => {
  await using _policy = await allow({ subject: { anyone: true } });
  const trace = join(uma.directory, 'get.json');
  const ran = await uma.run(['get', `${gateway.url}/b.png`, '--party', 'jdoe', '-vv', '--trace', trace]);
  assert.deepEqual([ran.code, ran.out], [0, 'the photo'], ran.err);
  const kept = readdirSync(join(uma.directory, 'tokens')).map((name) => join(uma.directory, 'tokens', name));
  const files = kept.filter((path) => readFileSync(path, 'utf8').includes('"rpt"'));
  assert.ok(files.length > 0);
  for (const path of files) {
    assert.equal(statSync(path).mode & 0o077, 0);
    const { value } = JSON.parse(readFileSync(path, 'utf8')) as { value: unknown };
    const rpt = typeof value === 'string' ? value : (value as { rpt: string }).rpt;
    assert.ok(!`${ran.out}${ran.err}${readFileSync(trace, 'utf8')}`.includes(rpt));
  }
});
