import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Browser } from './browser.ts';
import { CLIENT, type Harness, start, testConfig } from './harness.ts';

const REDIRECT = 'http://127.0.0.1:7777/callback';
const verifier = randomBytes(32).toString('base64url');
const code_challenge = createHash('sha256').update(verifier).digest('base64url');

describe('sign-in in a browser', () => {
  let as: Harness;
  before(async () => {
    as = await start();
  });
  after(() => as.server.close());

  const authorize = (more: Record<string, string> = {}) =>
    `/authorize?${new URLSearchParams({ client_id: 'uma-cli', response_type: 'code', redirect_uri: REDIRECT, scope: 'openid uma_owner', state: 'st', code_challenge, code_challenge_method: 'S256', ...more })}`;
  const redeem = (code: string, more: Record<string, string> = {}) =>
    as.post('/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT,
      client_id: 'uma-cli',
      code_verifier: verifier,
      ...more,
    });

  async function signIn(more: Record<string, string> = {}): Promise<URLSearchParams> {
    const browser = await new Browser(as).go(authorize(more));
    await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
    await browser.submit({ action: 'continue' });
    assert.ok(browser.url.startsWith(REDIRECT), `${browser.url} ${browser.page?.text}`);
    return new URL(browser.url).searchParams;
  }

  it('SEC-9700-05 SEC-9207-01: code with PKCE on any loopback port gives the owner token', async () => {
    const answer = await signIn();
    assert.equal(answer.get('state'), 'st');
    assert.equal(answer.get('iss'), as.server.issuer);
    assert.equal(
      (await redeem(answer.get('code')!, { code_verifier: randomBytes(32).toString('base64url') })).body.error,
      'invalid_grant',
    );
    const { status, body } = await redeem((await signIn()).get('code')!);
    assert.equal(status, 200);
    assert.equal((await as.json('GET', '/owner/requests', body.access_token)).status, 200);
    assert.equal(typeof body.refresh_token, 'string');
    const renewed = await as.post('/token', {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      client_id: 'uma-cli',
    });
    assert.equal((await as.json('GET', '/owner/requests', renewed.body.access_token)).status, 200);
  });

  it('SEC-9700-22 ATK-21: a code is good once, also for 10 at the same time; a second use ends its tokens', async () => {
    const code = (await signIn()).get('code')!;
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code)));
    assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
    const next = (await signIn()).get('code')!;
    const { body } = await redeem(next);
    assert.equal((await redeem(next)).body.error, 'invalid_grant');
    assert.equal((await as.json('GET', '/owner/requests', body.access_token)).status, 401);
  });

  it('SEC-9700-01 SEC-9700-09 SEC-9700-07: near-miss redirect URIs, the implicit flow and a public client without PKCE are refused', async () => {
    for (const redirect_uri of [
      'http://127.0.0.1:7777/callback/',
      'http://127.0.0.1:7777/callback?x=1',
      'https://evil.example/callback',
      'http://localhost.evil.example/callback',
    ]) {
      const { page } = await new Browser(as).go(authorize({ redirect_uri }));
      assert.equal(page?.status, 400, redirect_uri);
      assert.match(page?.headers.get('content-type') ?? '', /text\/html/);
    }
    const { url } = await new Browser(as).go(authorize({ response_type: 'token' }));
    assert.match(url, /error=unsupported_response_type/);
    const bare = new URLSearchParams(authorize().split('?')[1]);
    bare.delete('code_challenge');
    bare.delete('code_challenge_method');
    assert.match((await new Browser(as).go(`/authorize?${bare}`)).url, /error=invalid_request/);
  });

  it('SEC-9700-21 ATK-25: pages have no script, no foreign content, no frame and no referrer', async () => {
    const browser = await new Browser(as).go(authorize());
    const { headers, text } = browser.page!;
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('access-control-allow-origin'), null);
    assert.doesNotMatch(text, /<script|https?:\/\//);
    assert.match(text, /uma command line/);
  });

  it('a wrong password asks again; cancel goes back with access_denied; another browser cannot go on', async () => {
    const browser = await new Browser(as).go(authorize());
    await browser.submit({ action: 'continue', username: '<b>alice', password: 'nope' });
    assert.equal(browser.page?.status, 401);
    assert.match(browser.page?.text ?? '', /wrong/);
    assert.match(browser.page?.text ?? '', /&lt;b&gt;alice/);
    const stranger = await new Browser(as).go(browser.url);
    assert.equal(stranger.page?.status, 400);
    await browser.submit({ action: 'cancel' });
    assert.match(browser.url, /error=access_denied/);
    assert.match(browser.url, /iss=/);
  });

  it('a web client of a third party gets what was agreed to, and no owner scope', async () => {
    const { url } = await new Browser(as).go(authorize({ client_id: 'UmaClient' }));
    assert.match(url, /error=invalid_scope/);
  });

  it('SEC-8628-02: the device flow, allowed and refused', async () => {
    const begin = async () =>
      (await as.post('/device_authorization', { client_id: 'uma-cli', scope: 'uma_owner' })).body;
    const poll = (device_code: string) =>
      as.post('/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code,
        client_id: 'uma-cli',
      });
    const device = await begin();
    assert.equal(device.verification_uri, `${as.server.issuer}/device`);
    assert.deepEqual((await poll(device.device_code)).body.error, 'authorization_pending');
    const browser = await new Browser(as).go('/device');
    await browser.submit({ user_code: 'WRONG' });
    assert.match(browser.page?.text ?? '', /not known/);
    await browser.submit({ user_code: device.user_code });
    assert.match(browser.page?.text ?? '', /uma command line/);
    assert.ok(browser.page?.text.includes(device.user_code));
    await browser.submit({});
    await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
    await browser.submit({ action: 'continue' });
    assert.match(browser.page?.text ?? '', /Connected/);
    const { status, body } = await poll(device.device_code);
    assert.equal(status, 200);
    assert.equal((await as.json('GET', '/owner/requests', body.access_token)).status, 200);

    const other = await begin();
    const refusing = await new Browser(as).go(other.verification_uri_complete);
    await refusing.submit({});
    await refusing.submit({ abort: 'yes' });
    assert.match(refusing.page?.text ?? '', /stopped/);
    assert.equal((await poll(other.device_code)).body.error, 'access_denied');
  });
});

describe('dynamic registration', () => {
  const metadata = { redirect_uris: ['https://client.example/cb'], client_name: 'Self' };

  it('is off without a word in the configuration', async () => {
    await using as = await start();
    assert.equal((await as.json('POST', '/register', undefined, metadata)).status, 404);
  });

  it("GRANT-2-08 GRANT-2-09 SEC-9700-17 SEC-9700-18: own metadata is kept, ids are the server's, owner scope and password are out of reach", async () => {
    await using as = await start({ config: testConfig((config) => Object.assign(config, { registration: {} })) });
    const claims_redirect_uris = ['https://client.example/claims'];
    const { status, body } = await as.json('POST', '/register', undefined, {
      ...metadata,
      client_id: 'alice',
      claims_redirect_uris,
      uma_scopes: ['view'],
    });
    assert.equal(status, 201);
    assert.notEqual(body.client_id, 'alice');
    assert.deepEqual(body.claims_redirect_uris, claims_redirect_uris);
    for (const bad of [
      { claims_redirect_uris: 'https://client.example/claims' },
      { claims_redirect_uris: ['/cb'] },
      { claims_redirect_uris: ['https://client.example/cb#x'] },
      { redirect_uris: ['http://client.example/cb'] },
      { scope: 'openid uma_owner' },
      { grant_types: ['password'] },
    ]) {
      const refused = await as.json('POST', '/register', undefined, { ...metadata, ...bad });
      assert.equal(refused.status, 400, JSON.stringify(bad));
      assert.match(refused.body.error, /^invalid_(client_metadata|redirect_uri)$/);
    }
    const asked = await as.send(
      `/authorize?${new URLSearchParams({ client_id: body.client_id, response_type: 'code', redirect_uri: metadata.redirect_uris[0]!, scope: 'openid uma_owner' })}`,
    );
    assert.match(asked.headers.get('location') ?? '', /error=invalid_scope/);
    const { body: document } = await as.send('/.well-known/uma2-configuration');
    assert.equal(document.registration_endpoint, `${as.server.issuer}/register`);
  });

  it('a registration that names a member twice, or is larger than the limit, is refused', async () => {
    await using as = await start({ config: testConfig((config) => Object.assign(config, { registration: {} })) });
    const register = (body: string) =>
      fetch(`${as.server.issuer}/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const uris = '"redirect_uris":["https://client.example/cb"]';
    assert.equal((await register(`{${uris}}`)).status, 201);
    const twice = await register(`{${uris},${uris}}`);
    assert.equal(twice.status, 400);
    assert.match(await twice.text(), /appears more than once/);
    assert.equal((await register(`{${uris},"client_name":"${'a'.repeat(100_000)}"}`)).status, 413);
    assert.equal((await register('[]')).status, 400);
    assert.equal((await register('')).status, 400);
  });

  it('with an initial access token, only who has it may register', async () => {
    const { keyOf } = await import('../../../src/server/authorization/secrets.ts');
    const config = testConfig((item) =>
      Object.assign(item, { registration: { initial_access_token_hash: keyOf('let-me-in') } }),
    );
    await using as = await start({ config });
    assert.equal((await as.json('POST', '/register', undefined, metadata)).status, 401);
    assert.equal((await as.json('POST', '/register', 'guess', metadata)).status, 401);
    assert.equal((await as.json('POST', '/register', 'let-me-in', metadata)).status, 201);
    assert.equal(
      (await as.json('POST', '/register', (await as.token('bob', 'openid', CLIENT)).access_token, metadata)).status,
      401,
    );
  });
});
