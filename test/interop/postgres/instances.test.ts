// Two `uma serve` on one PostgreSQL behind one address: whoever is asked, the answer is the same.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { start } from '../../cli/uma.ts';
import { Browser } from '../../server/http/browser.ts';
import { CLIENT, Harness } from '../../server/http/harness.ts';
import { freshSchema, type Schema, STORE_KEY } from './peer.ts';

type Instance = 0 | 1;
const A: Instance = 0;
const B: Instance = 1;

let schema: Schema;
let balancer: Server;
let as: Harness;
const ports: number[] = [];
const children: ReturnType<typeof start>[] = [];
/** Who gets the next requests; undefined: each its turn. */
let target: Instance | undefined;

before(async () => {
  schema = await freshSchema();
  let turn = 0;
  balancer = createServer((incoming, outgoing) => {
    turn += 1;
    const { method, headers, url: path } = incoming;
    const onward = request({ port: ports[target ?? turn % 2], host: '127.0.0.1', method, headers, path }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  const issuer = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
  // At once: both find an empty database.
  await Promise.all(
    [A, B].map(async (instance) => {
      const child = start(['serve', '--port', '0', '--issuer', issuer], {
        env: { UMA_STORE: schema.url, UMA_STORE_KEY: STORE_KEY },
      });
      children.push(child);
      child.stderr?.pipe(process.stderr);
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      ports[instance] = Number(new URL((JSON.parse(line.toString()) as { url: string }).url).port);
    }),
  );
  as = new Harness({ issuer, url: issuer, switches: [], notes: [], close: async () => {} }, []);
});

after(async () => {
  for (const child of children) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  balancer.close();
  balancer.closeAllConnections();
  await schema.drop();
});

/** What `work` asks goes to this instance. */
async function at<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
  target = instance;
  try {
    return await work();
  } finally {
    target = undefined;
  }
}

const kids = async () => ((await as.send('/jwks')).body.keys as { kid: string }[]).map(({ kid }) => kid);

test('both have the same signing keys, also when they started at once on an empty database', async () => {
  assert.deepEqual(await at(A, kids), await at(B, kids));
  assert.equal((await kids()).length, 1);
});

test('GRANT-5.5-02: a ticket made at A is redeemed at B, with a claim token that A signed; its RPT is known at both and revoked at both', async () => {
  const { pat, id, claims, ticket } = await at(A, async () => {
    const pat = await as.pat();
    const id = await as.register(pat);
    return { pat, id, claims: await as.claimToken(), ticket: await as.ticket(pat, id) };
  });
  await at(B, () => as.allow(id));
  const { status, body } = await at(B, () => as.redeem(ticket, claims));
  assert.equal(status, 200, JSON.stringify(body));
  const active = async () => (await as.post('/introspect', { token: body.access_token }, pat)).body.active as boolean;
  assert.deepEqual([await at(A, active), await at(B, active)], [true, true]);
  assert.equal((await at(A, () => as.redeem(ticket, claims))).body.error, 'invalid_grant', 'used up at both');
  await at(A, () => as.post('/revoke', { token: body.access_token }, CLIENT));
  assert.deepEqual([await at(A, active), await at(B, active)], [false, false]);
});

test('ATK-21: of 200 parallel redemptions of one ticket over both exactly one gets an RPT', async () => {
  const pat = await as.pat();
  const id = await as.register(pat);
  await as.allow(id);
  const [claims, ticket] = [await as.claimToken(), await as.ticket(pat, id)];
  const answers = await Promise.all(Array.from({ length: 200 }, () => as.redeem(ticket, claims)));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  for (const { status, body } of answers) {
    if (status !== 200) assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  }
});

test('SEC-9700-12: of 50 parallel uses of one refresh token over both at most one succeeds', async () => {
  const pat = await as.pat();
  const id = await as.register(pat);
  await as.allow(id);
  const { body } = await as.redeem(await as.ticket(pat, id), await as.claimToken());
  const renew = () => as.post('/token', { grant_type: 'refresh_token', refresh_token: body.refresh_token }, CLIENT);
  const answers = await Promise.all(Array.from({ length: 50 }, renew));
  assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
  assert.ok(answers.some(({ body: { error } }) => error === 'invalid_grant'));
  assert.equal((await renew()).body.error, 'invalid_grant');
});

const REDIRECT = 'http://127.0.0.1:7777/callback';
const verifier = randomBytes(32).toString('base64url');
const code_challenge = createHash('sha256').update(verifier).digest('base64url');
const authorize = `/authorize?${new URLSearchParams({ client_id: 'uma-cli', response_type: 'code', redirect_uri: REDIRECT, scope: 'openid uma_owner', state: 'st', code_challenge, code_challenge_method: 'S256' })}`;

async function signIn(): Promise<{ browser: Browser; code: string }> {
  const browser = await new Browser(as).go(authorize);
  await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
  await browser.submit({ action: 'continue' });
  return { browser, code: new URL(browser.url).searchParams.get('code') ?? '' };
}

const exchange = (code: string) =>
  as.post('/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    client_id: 'uma-cli',
    code_verifier: verifier,
  });

test('a sign-in whose pages alternate between both; a code of A is exchanged at B; the session of A counts at B', async () => {
  assert.notEqual((await signIn()).code, '', 'each page from another instance');
  const { browser, code } = await at(A, signIn);
  const { status, body } = await at(B, () => exchange(code));
  assert.equal(status, 200);
  assert.equal((await at(A, () => as.json('GET', '/owner/requests', body.access_token))).status, 200);
  await at(B, () => browser.go(authorize));
  assert.doesNotMatch(browser.page?.text ?? '', /type="password"/, 'B knows who it is');
  await at(B, () => browser.submit({ action: 'continue' }));
  assert.ok(browser.url.startsWith(REDIRECT), browser.page?.text);
});

test('ATK-21: of 50 parallel exchanges of one code over both at most one succeeds', async () => {
  const { code } = await signIn();
  const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(code)));
  assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
  assert.equal((await exchange(code)).body.error, 'invalid_grant');
});

test('what bob asks for at A, alice sees and allows at B, and bob has it at A', async () => {
  const { id, claims, asked } = await at(A, async () => {
    const pat = await as.pat();
    const id = await as.register(pat);
    const claims = await as.claimToken();
    return { id, claims, asked: await as.redeem(await as.ticket(pat, id), claims) };
  });
  assert.equal(asked.body.error, 'request_submitted');
  await at(B, async () => {
    const token = await as.ownerToken();
    const { body } = await as.json('GET', '/owner/requests', token);
    const pending = body.requests as { id: string; resource_id: string }[];
    const item = pending.find(({ resource_id }) => resource_id === id);
    const { status, text } = await as.json('POST', `/owner/requests/${item?.id}/approve`, token, {});
    assert.equal(status, 200, text);
  });
  const { status } = await at(A, () => as.redeem(asked.body.ticket, claims));
  assert.equal(status, 200);
});

test('SEC-8628-03: tries of user codes are counted over both', async () => {
  const browser = await new Browser(as).go('/device');
  for (let attempt = 1; attempt <= 15; attempt += 1) {
    await browser.submit({ user_code: 'BBBB-BBBB' });
    assert.match(browser.page?.text ?? '', /not known/, `try ${attempt}`);
  }
  await browser.submit({ user_code: 'BBBB-BBBB' });
  assert.equal(browser.page?.status, 429, 'fifteen a minute, whoever is asked');
  assert.ok(Number(browser.page?.headers.get('retry-after')) > 0);
});
