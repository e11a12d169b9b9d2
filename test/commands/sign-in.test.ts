import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { inBrowser, onDevice, signingIn } from './person.ts';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  // No password passes through the program: the server does not even take one.
  uma = await startUma({ config: { ...walkthroughConfig(), password_grant: false } });
});
after(() => uma.close());

test('--grant browser: a PAT by code and PKCE, and it works', async () => {
  const ran = await signingIn(uma, ['pat', '--owner', 'alice', '--grant', 'browser'], async (url) => {
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
  const ran = await signingIn(uma, ['claims', '--party', 'bob', '--grant', 'browser', '-q'], (url) =>
    inBrowser(url, 'bob'),
  );
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
    const ran = await signingIn(uma, ['pat', '--grant', 'browser'], (url) =>
      inBrowser(url, 'alice', {
        change: (back) => {
          change(back);
          return back;
        },
      }),
    );
    assert.equal(ran.code, 9, ran.err);
    assert.equal(ran.out, '');
  });
}

test('a no in the browser is exit 4', async () => {
  const ran = await signingIn(uma, ['pat', '--grant', 'browser'], (url) => inBrowser(url, 'alice', { agree: false }));
  assert.equal(ran.code, 4, ran.err);
  assert.match(ran.err, /access_denied/);
});

test('SEC-8628-01 --grant device: waits until somebody entered the code', async () => {
  const ran = await signingIn(uma, ['pat', '--owner', 'alice', '--grant', 'device'], async (url, code) => {
    await onDevice(url, code, 'alice');
  });
  assert.equal(ran.code, 0, ran.err);
  assert.equal(ran.json().scope, 'uma_protection');
});

test('headless, at a server that takes no password: the claim token of uma rpt comes by a device code', async () => {
  const argv = ['rpt', '--ticket', 'no-such-ticket', '--party', 'chris'];
  const ran = await signingIn(uma, argv, (url, code) => onDevice(url, code, 'chris'));
  assert.match(ran.err, /invalid_grant/, ran.err);
  const kept = await uma.run(argv);
  assert.match(kept.err, /invalid_grant/);
  assert.doesNotMatch(kept.err, /sign in at/);
});
