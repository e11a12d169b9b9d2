import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from '../../src/conformance/browser.ts';
import { createHttp } from '../../src/conformance/http.ts';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { type Ran, startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  // No password passes through the program: the server does not even take one.
  uma = await startUma({ config: { ...walkthroughConfig(), password_grant: false } });
});
after(() => uma.close());

const http = createHttp({ timeout_ms: 5000 });

/** Runs the command; `go` is called with the address, and the code if there is one, that it tells the person. */
async function signingIn(
  argv: string[],
  go: (url: string, code: string | undefined) => Promise<unknown>,
): Promise<Ran> {
  let going: Promise<unknown> | undefined;
  const ran = await uma.run(argv, {
    onErr(text) {
      const [, url, code] = /sign in at (\S+)(?: with the code (\S+))?/.exec(text) ?? [];
      if (url !== undefined) going ??= go(url, code);
    },
  });
  await going;
  return ran;
}

const person = (username: string) => ({ username, password: 'password' });

/** Signs in and agrees, then brings the answer back to the program, as a browser does. */
async function inBrowser(url: string, username: string, change = (back: URL) => back, agree = true): Promise<void> {
  const { redirect_uri } = Object.fromEntries(new URL(url).searchParams);
  const browser = new Browser((request) => http.send(request));
  const walk = await browser.complete(url, (next) => next.href.startsWith(redirect_uri ?? ''), {
    person: person(username),
    agree,
  });
  assert.ok(walk.returned, `the browser stayed at ${walk.url}`);
  const page = await fetch(change(walk.returned));
  assert.match(await page.text(), /You can close this page/);
}

test('--grant browser: a PAT by code and PKCE, and it works', async () => {
  const ran = await signingIn(['pat', '--owner', 'alice', '--grant', 'browser'], async (url) => {
    const query = new URL(url).searchParams;
    assert.equal(query.get('code_challenge_method'), 'S256', 'SEC-9700-07');
    assert.match(query.get('code_challenge') ?? '', /^[\w-]{43}$/, 'SEC-7636-01');
    assert.match(query.get('state') ?? '', /^[\w-]{43}$/);
    await inBrowser(url, 'alice');
  });
  assert.equal(ran.code, 0, ran.err);
  const pat = String(ran.json().access_token);
  const list = await uma.run(['resource', 'list'], { env: { UMA_PAT: pat } });
  assert.deepEqual(list.json(), []);
});

test('--grant browser: the ID token of who signed in is the claim token', async () => {
  const ran = await signingIn(['claims', '--party', 'bob', '--grant', 'browser', '-q'], (url) => inBrowser(url, 'bob'));
  assert.equal(ran.code, 0, ran.err);
  const decoded = await uma.run(['decode', '--field', 'payload.sub'], { stdin: ran.out });
  assert.equal(decoded.out.trim(), 'bob');
});

const foreign: [string, (back: URL) => void][] = [
  ['SEC-9700-03 another state', (back) => back.searchParams.set('state', 'x')],
  ['SEC-9207-02 another iss', (back) => back.searchParams.set('iss', 'https://evil.example')],
  ['SEC-9207-02 no iss, though the server promises one', (back) => back.searchParams.delete('iss')],
];
for (const [what, change] of foreign) {
  test(`${what}: the answer is not used, exit 9`, async () => {
    const ran = await signingIn(['pat', '--grant', 'browser'], (url) =>
      inBrowser(url, 'alice', (back) => {
        change(back);
        return back;
      }),
    );
    assert.equal(ran.code, 9, ran.err);
    assert.equal(ran.out, '');
  });
}

test('a no in the browser is exit 4', async () => {
  const ran = await signingIn(['pat', '--grant', 'browser'], (url) => inBrowser(url, 'alice', undefined, false));
  assert.equal(ran.code, 4, ran.err);
  assert.match(ran.err, /access_denied/);
});

test('SEC-8628-01 --grant device: waits until somebody entered the code', async () => {
  const ran = await signingIn(['pat', '--owner', 'alice', '--grant', 'device'], async (url, code) => {
    assert.ok(code);
    const browser = new Browser((request) => http.send(request));
    const walk = await browser.complete(`${url}?user_code=${code}`, () => false, { person: person('alice') });
    assert.match(walk.answer.response.body, /Connected/);
  });
  assert.equal(ran.code, 0, ran.err);
  assert.equal(ran.json().scope, 'uma_protection');
});
