// Every answer, found by the server's own list of routes: headers, no inline script or style, cookies over TLS.
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { describe, it } from 'node:test';
import { temporaryCertificate } from '../../../src/commands/conformance/embedded.ts';
import { Browser } from './browser.ts';
import { start, testConfig } from './harness.ts';

const CALLBACK = 'http://127.0.0.1:7777/callback';
const authorize = (more: Record<string, string> = {}) =>
  `/authorize?${new URLSearchParams({
    client_id: 'uma-cli',
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'uma_owner',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  })}`;

/** Nothing in a page that a strict policy would have to make an exception for. */
function checkPage({ headers, text }: { headers: Headers; text: string }, where: string): void {
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/, where);
  assert.match(policy, /frame-ancestors 'none'/, where);
  assert.match(policy, /base-uri 'none'/, where);
  assert.doesNotMatch(policy, /unsafe|https?:|sha256|nonce|\*|data:/, where);
  assert.match(headers.get('cache-control') ?? '', /no-store/, where);
  assert.doesNotMatch(
    text,
    /<script(?![^>]* src="\/)|<style|\sstyle=|\son[a-z]+=|javascript:|(src|href)="(https?:)?\/\//i,
    where,
  );
}

describe('every answer (SEC-9700-21, ATK-25)', () => {
  it('of the API, of the OAuth core and of an error has the headers', async (t) => {
    const as = await start({ config: { ...testConfig(), registration: {} } });
    t.after(() => as.server.close());
    const { paths } = (await as.send('/openapi.json')).body as { paths: Record<string, Record<string, unknown>> };
    const pat = await as.pat();
    const answers = [
      ...Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{[^}]*\}/g, 'x')] as const),
      ),
      ['GET', '/jwks'],
      ['GET', '/userinfo'],
      ['GET', authorize()],
      ['GET', authorize({ client_id: 'nobody' })],
      ['GET', '/device'],
      ['GET', '/claims'],
      ['GET', '/interaction/x'],
      ['GET', '/console'],
      ['GET', '/console/requests'],
      ['GET', '/console/resources/x'],
      ['GET', '/console/style.css'],
      ['GET', '/console/post.js'],
      ['GET', '/nowhere'],
      ['PUT', '/token'],
      ['POST', '/token'],
      ['POST', '/register'],
    ] as const;
    assert.ok(answers.length > 40, String(answers.length));
    for (const [method, path] of answers) {
      for (const token of [undefined, pat]) {
        const answer = await as.send(path, {
          method,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        });
        const { headers, status } = answer;
        const where = `${method} ${path} ${status}`;
        assert.equal(headers.get('x-content-type-options'), 'nosniff', where);
        assert.equal(headers.get('x-frame-options'), 'DENY', where);
        assert.equal(headers.get('referrer-policy'), 'no-referrer', where);
        assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, where);
        assert.equal(headers.get('strict-transport-security'), null, where);
        if (/html/.test(headers.get('content-type') ?? '')) checkPage(answer, where);
        if (status >= 400) assert.match(headers.get('cache-control') ?? '', /no-store/, where);
      }
    }
    assert.deepEqual(as.logged, []);
  });

  it('of the pages that somebody walks through has no inline script and no inline style', async (t) => {
    const as = await start();
    t.after(() => as.server.close());
    const browser = await new Browser(as).go(authorize());
    checkPage(browser.page!, 'sign in');
    await browser.submit({ action: 'continue', username: 'alice', password: 'wrong' });
    checkPage(browser.page!, 'wrong password');
    await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
    checkPage(browser.page!, 'consent');
    const device = (await as.post('/device_authorization', { client_id: 'uma-cli', scope: 'uma_owner' })).body;
    await browser.go('/device');
    checkPage(browser.page!, 'code');
    await browser.submit({ user_code: 'WRONG' });
    checkPage(browser.page!, 'wrong code');
    await browser.submit({ user_code: device.user_code });
    checkPage(browser.page!, 'confirm');
    await browser.submit({ abort: 'yes' });
    checkPage(browser.page!, 'stopped');
  });

  it('of an authorization response that is posted has its script in a file (Form Post Response Mode 2)', async (t) => {
    const as = await start();
    t.after(() => as.server.close());
    const browser = await new Browser(as).go(authorize({ response_mode: 'form_post', state: '"><b>' }));
    await browser.submit({ action: 'continue', username: 'alice', password: 'password' });
    await browser.submit({ action: 'continue' });
    checkPage(browser.page!, 'form post');
    const { text } = browser.page!;
    assert.match(text, new RegExp(`<form method="post" action="${CALLBACK}">`));
    assert.match(text, /name="code" value="[\w-]+"/);
    assert.match(text, /name="state" value="&quot;&gt;&lt;b&gt;"/);
    assert.match(text, new RegExp(`name="iss" value="${as.server.issuer}"`));
    const script = /<script src="([^"]+)" defer><\/script>/.exec(text)?.[1] ?? '';
    assert.match((await as.send(script)).text, /submit\(\)/);
    const refused = await new Browser(as).go(authorize({ response_mode: 'form_post', prompt: 'none' }));
    checkPage(refused.page!, 'form post of an error');
    assert.match(refused.page?.text ?? '', /name="error" value="login_required"/);
  });

  it('over TLS keeps browsers to https, and its cookies are Secure, HttpOnly, SameSite and prefixed', async (t) => {
    const tls = await temporaryCertificate();
    const as = await start({ tls: tls.files });
    t.after(async () => {
      await as.server.close();
      await tls.remove();
    });
    const get = (path: string) =>
      new Promise<{ cookies: string[]; hsts: unknown }>((resolve, reject) =>
        request(as.server.issuer + path, { ca: tls.ca }, (response) => {
          response.resume();
          const { 'set-cookie': cookies = [], 'strict-transport-security': hsts } = response.headers;
          response.on('end', () => resolve({ cookies, hsts }));
        })
          .on('error', reject)
          .end(),
      );
    for (const path of ['/jwks', '/resource_set', '/nowhere', '/device', authorize()])
      assert.equal((await get(path)).hsts, 'max-age=31536000', path);
    const cookies = [...(await get(authorize())).cookies, ...(await get('/device')).cookies];
    assert.ok(cookies.length >= 3, cookies.join('\n'));
    for (const cookie of cookies) {
      assert.match(cookie, /; secure/i);
      assert.match(cookie, /; httponly/i);
      assert.match(cookie, /; samesite=(lax|strict)/i);
      assert.doesNotMatch(cookie, /domain=/i);
      // A cookie of one interaction is sent to its own addresses only, which __Host- does not know.
      assert.match(cookie, /^__Host-[^;]+;(.* )?path=\/;|^__Secure-[^;]+;.* path=\/\w/i);
    }
    assert.ok(cookies.some((cookie) => cookie.startsWith('__Host-')));
  });
});
