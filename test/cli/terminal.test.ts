// Conventions that only show on a terminal, on a pseudo-terminal made by the program `script`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Browser } from '../../src/conformance/browser.ts';
import { createHttp } from '../../src/conformance/http.ts';
import { startPeer } from './peer.ts';
import { onTerminal } from './terminal.ts';
import { serve, uma } from './uma.ts';

const peer = await startPeer();
const { issuer, claimToken } = peer;

test('cli 16: on a terminal a command says how to feed it and does not wait', async () => {
  for (const line of ['$UMA decode', '$UMA rpt', '$UMA introspect']) {
    const { code, output } = await onTerminal(line);
    assert.equal(code, 2, output);
    assert.match(output, /a pipe: |stdin|standard input| \| /);
  }
  assert.match((await onTerminal('$UMA decode --token-file -')).output, /which is a terminal/);
});

test('cli 17: no prompt without a terminal, with --no-input or in CI: exit 2 naming flag and variable', async () => {
  const args = ['rpt', '--ticket', 't', '--issuer', issuer, '--client', 'c', '--claim-token-file', claimToken];
  const none = await uma(args);
  assert.equal(none.code, 2, none.stderr);
  assert.match(none.stderr, /--client-secret-file.* UMA_CLIENT_SECRET/);
  for (const line of [`$UMA ${args.join(' ')} --no-input`, `CI=1 $UMA ${args.join(' ')}`]) {
    const { code, output } = await onTerminal(line);
    assert.equal(code, 2, output);
    assert.match(output, /--client-secret-file/);
  }
});

test('cli 17: a prompt reads the terminal and writes standard error, so it works in $(...)', async () => {
  const line = `X=$($UMA profile delete p --field deleted 2>/dev/tty </dev/null); echo "got $X"`;
  const setUp = '$UMA profile add p --issuer https://as.example --quiet >/dev/null';
  const { output } = await onTerminal(`${setUp}; ${line}`, [[/\(y\/N\)/, 'y\r']]);
  assert.match(output, /Delete the profile p/);
  assert.match(output, /^got p\r$/m);
});

test('cli 22: colour on a terminal only, and not with NO_COLOR', async () => {
  assert.ok((await onTerminal('$UMA --help')).output.includes('\u001b['));
  assert.ok(!(await onTerminal('NO_COLOR=1 $UMA --help')).output.includes('\u001b['));
  assert.ok(!(await onTerminal('$UMA --help --no-color')).output.includes('\u001b['));
});

test('decision 9: tokens are masked on a terminal, whole in a pipe', async () => {
  const token = 'abcdefghijklmnopqrstuvwxyz0123';
  peer.answer = { status: 200, body: { access_token: token, token_type: 'Bearer' } };
  const shown = (await onTerminal(`$UMA pat --issuer ${issuer}`)).output;
  assert.match(shown, /abcd…0123/);
  assert.doesNotMatch(shown, new RegExp(token));
  assert.match((await onTerminal(`$UMA pat --issuer ${issuer} | cat`)).output, new RegExp(token));
});

test('cli 2, 22: the demo is in colour, and each arrow is one line of the terminal', async () => {
  const { code, output } = await onTerminal('stty cols 100; $UMA demo');
  assert.equal(code, 0, output);
  assert.ok(output.includes('\u001b[36m 8\u001b[39m'), 'the label of the RPT, painted');
  // What was erased again is no line: that an answer is awaited.
  const left = output.replaceAll(/waiting for \S+ \.\.\.\r/g, '');
  const lines = stripVTControlCharacters(left).split(/\r?\n/);
  assert.deepEqual(
    lines.filter((line) => line.includes(' → ') && line.length > 100),
    [],
  );
});

test('cli 19: claims given in a browser elsewhere: uma prints the address, and takes the one that the browser was sent back to', async () => {
  const server = await serve();
  const json = async (line: string) => {
    const { stdout, stderr, code } = await uma(line.split(' '), { env: { UMA_ISSUER: server.issuer } });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, string>;
  };
  const { _id } = await json('register --owner alice --name Diary --scope read');
  const { ticket } = await json(`ticket --owner alice --resource ${_id} --scope read`);
  const line = `$UMA rpt --ticket ${ticket} --issuer ${server.issuer} --no-claims --no-browser -o json`;
  const { send } = createHttp({ timeout_ms: 5000 });
  const { code, output } = await onTerminal(line, [
    [
      /paste the address/,
      async (shown) => {
        const [, address = ''] = /give claims, go to (\S+)/.exec(stripVTControlCharacters(shown)) ?? [];
        const home = (url: URL) => url.port === '9402';
        const person = { username: 'bob', password: 'password' };
        const walk = await new Browser(send).complete(address, home, { person });
        return `${walk.returned?.href}\r`;
      },
    ],
  ]);
  assert.match(output, /"error": "request_submitted"/, output.slice(-1500));
  assert.equal(code, 7);
});
