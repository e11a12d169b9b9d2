// Lines of RFC 9700, 8628 and 8705 that the conformance checks see only half of, because they look at any server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Browser } from './browser.ts';
import { CLIENT, type Harness, start, testConfig } from './harness.ts';

const EVIL = 'https://evil.example/x';
const CALLBACK = 'http://127.0.0.1:7777/callback';

/** Names under which servers have been given an address to send a browser to. */
const NAMES = [
  'redirect_uri claims_redirect_uri post_logout_redirect_uri target_link_uri resume returnTo return_to returnUrl',
  'next url uri to goto continue dest destination redirect redirect_url callback state relay_state service success_url',
].flatMap((line) => line.split(' '));

/** Ways of writing an address elsewhere so that it looks like a path of here. */
const WRITTEN = [
  EVIL,
  '//evil.example/x',
  '/\\evil.example/x',
  '\\\\evil.example',
  '/%09/evil.example',
  '/\t/evil.example',
  '@evil.example',
  'javascript:alert(1)',
];

/** Where an answer sends a browser, as the browser reads it. */
const target = (as: Harness, location: string | null) =>
  location === null ? undefined : new URL(location, as.server.issuer);

describe('SEC-9700-02: no address sends a browser to where a parameter says', () => {
  it('asked by somebody unknown, at every address that answers GET', async () => {
    await using as = await start();
    const { paths } = (await as.send('/openapi.json')).body as { paths: Record<string, object> };
    const addresses = new Set([
      ...Object.keys(paths).map((path) => path.replace(/\{[^}]*\}/g, 'x')),
      '/',
      '/authorize',
      '/device',
      '/claims',
      '/claims/x',
      '/interaction/x',
      '/logout',
      '/userinfo',
      '/console',
      '/console/requests',
      '/console/resources',
      '/console/resources/x',
      '/console/shared',
      '/console/history',
      '/console/signed-in',
      '/console/sign-out',
    ]);
    assert.ok(addresses.size > 25, String(addresses.size));
    for (const address of addresses)
      for (const written of WRITTEN) {
        const query = new URLSearchParams(NAMES.map((name) => [name, written] as [string, string]));
        for (const more of [
          '',
          'client_id=UmaClient&response_type=code&',
          'client_id=uma-cli&response_type=code&error=x&',
        ]) {
          const answer = await as.send(`${address}?${more}${query}`);
          const to = target(as, answer.headers.get('location'));
          if (to !== undefined)
            assert.equal(to.origin, as.server.issuer, `${address}?${more} ${written} -> ${to.href}`);
          assert.doesNotMatch(answer.text, /(href|action|src)="?(https:)?[\\/]{2}evil|http-equiv="?refresh/i, address);
        }
      }
  });

  it('nor after a sign-in', async () => {
    await using as = await start();
    for (const written of WRITTEN) {
      const browser = new Browser(as);
      await browser.go(`/console/requests?${new URLSearchParams({ next: written, state: written })}`);
      await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
      assert.equal(new URL(browser.url).origin, as.server.issuer, browser.url);
      await browser.go(`/console/signed-in?${new URLSearchParams({ state: written })}`);
      assert.equal(new URL(browser.url).origin, as.server.issuer, browser.url);
    }
  });
});

it('SEC-9700-19: scripts of a registered origin get at token, metadata and keys, none at pages', async () => {
  const origin = 'https://app.example';
  const config = testConfig((item) => {
    item.cors_origins = [origin];
  });
  await using as = await start({ config });
  const allowed = async (path: string, init: RequestInit = {}) =>
    (await as.send(path, { ...init, headers: { origin, ...init.headers } })).headers.get('access-control-allow-origin');
  for (const path of ['/.well-known/uma2-configuration', '/.well-known/openid-configuration', '/jwks'])
    assert.ok(['*', origin].includes((await allowed(path)) ?? ''), path);
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  const token = {
    ...form,
    headers: { ...form.headers, authorization: `Basic ${btoa(CLIENT)}` },
    body: 'grant_type=client_credentials',
  };
  assert.equal(await allowed('/token', token), origin);
  const stranger = await as.send('/token', { ...token, headers: { ...token.headers, origin: 'https://evil.example' } });
  assert.notEqual(stranger.headers.get('access-control-allow-origin'), 'https://evil.example');
  assert.notEqual(stranger.headers.get('access-control-allow-origin'), '*');
  for (const path of ['/authorize', '/claims', '/device', '/console/requests', '/interaction/x'])
    assert.equal(await allowed(path), null, path);
});

it('SEC-8628-02 SEC-8628-03: a device code that has expired says so, and the code of the person with it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  await using as = await start();
  const device = (await as.post('/device_authorization', { client_id: 'uma-cli', scope: 'uma_owner' })).body;
  assert.match(device.user_code, /^[A-Z-]{9}$/);
  t.mock.timers.tick((device.expires_in + 1) * 1000);
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const poll = await as.post('/token', { grant_type, device_code: device.device_code, client_id: 'uma-cli' });
  assert.equal(poll.status, 400);
  assert.ok(['expired_token', 'invalid_grant'].includes(poll.body.error), poll.text);
  const browser = await new Browser(as).go('/device');
  await browser.submit({ user_code: device.user_code });
  assert.match(browser.page?.text ?? '', /not known or no longer valid/);
});

it('SEC-8705-02: client authentication by certificate is not offered, so no client can be registered for it', async () => {
  await using as = await start({ config: { ...testConfig(), registration: {} } });
  const { body } = await as.send('/.well-known/openid-configuration');
  for (const [name, value] of Object.entries(body)) assert.doesNotMatch(JSON.stringify(value), /tls_client_auth/, name);
  assert.equal(body.tls_client_certificate_bound_access_tokens, undefined);
  for (const token_endpoint_auth_method of ['tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_jwt']) {
    const metadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method, tls_client_auth_subject_dn: 'CN=x' };
    const answer = await as.json('POST', '/register', undefined, metadata);
    assert.deepEqual([answer.status, answer.body.error], [400, 'invalid_client_metadata'], answer.text);
  }
});
