// The log of unexpected errors: what is in it, and what is not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { stateDirectory } from '../../src/adapters/config-directory.ts';
import { logError } from '../../src/adapters/error-log.ts';

function place(env: Record<string, string> = {}) {
  const made = mkdtempSync(join(tmpdir(), 'uma-test-'));
  after(() => rmSync(made, { recursive: true, force: true }));
  const home = join(made, 'home');
  return { env, platform: 'linux', home, directory: join(home, '.local/state/uma') };
}
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('cli 11: the log lies where the system keeps state, or with everything else of uma', () => {
  const at = (env: Record<string, string>, platform = 'linux') => stateDirectory({ env, platform, home: '/home/a' });
  assert.equal(at({ UMA_CONFIG_DIR: '/u', XDG_STATE_HOME: '/x' }), '/u');
  assert.equal(at({ XDG_STATE_HOME: '/x' }), '/x/uma');
  assert.equal(at({}), '/home/a/.local/state/uma');
  assert.equal(at({}, 'darwin'), '/home/a/Library/Logs/uma');
  assert.equal(at({ LOCALAPPDATA: '/l' }, 'win32'), '/l/uma');
});

test("cli 11: an entry has time, version, platform, command, stack and what was behind it; the file is the user's own", () => {
  const io = place();
  const deeper = new AggregateError([new Error('first address'), new Error('second address')], 'no address answered');
  const { file, unwritable } = logError(new TypeError('x is no function', { cause: deeper }), 'uma rpt', 0, io);
  assert.equal(unwritable, undefined);
  assert.equal(file, join(io.directory, 'errors.log'));
  assert.deepEqual([mode(file), mode(io.directory)], ['600', '700']);
  const log = readFileSync(file, 'utf8');
  assert.match(
    log,
    /^1970-01-01T00:00:00\.000Z uma \S+ \(Node\.js v\S+, commit \w+\), linux \w+: uma rpt\nTypeError: x is no function\n {4}at /,
  );
  assert.match(log, /\nbecause of AggregateError: no address answered\n/);
  assert.match(log, /\nbecause of Error: first address\n[\s\S]*\nbecause of Error: second address\n/);
  assert.equal(logError('only words', 'uma', 0, io).unwritable, undefined);
  assert.match(readFileSync(file, 'utf8'), /: uma\nonly words\n\n$/);
});

test('cli 11: secrets are masked in the log: by name and form, those of the environment, and what a JSON was', () => {
  const token = 'abcdefghijklmnopqrstuvwxyz0123';
  const io = place({ UMA_OWNER_PASSWORD: 'tr0ub4dor', UMA_PAT: 'q', UMA_ISSUER: 'https://as.example', UMA_TICKET: '' });
  const cause = new Error(`authorization: Bearer ${token}, password=hunter2`);
  const { file } = logError(new Error('no door for tr0ub4dor at https://as.example', { cause }), 'uma pat', 0, io);
  assert.throws(
    () => JSON.parse('hunter3 {'),
    (error) => logError(error, 'uma pat', 0, io).file === file,
  );
  const log = readFileSync(file, 'utf8');
  assert.doesNotMatch(log, new RegExp(`tr0ub4dor|hunter|${token}`));
  assert.match(log, /no door for … at https:\/\/as\.example/);
});

test('cli 11: the log stays small and keeps the last errors whole', () => {
  const io = place();
  for (let at = 0; at < 40; at += 1) logError(new Error(`error ${at} ${'x'.repeat(5000)}`), 'uma', at, io);
  const { file } = logError(new Error('y'.repeat(100_000)), 'uma', 40, io);
  const log = readFileSync(file, 'utf8');
  assert.ok(log.length <= 65_536, String(log.length));
  assert.match(log, /^1970-01-01T00:00:\d\d\.000Z uma /);
  assert.match(log, /\nError: error 39 x/);
  assert.match(log, /\nError: y{16000}/);
  assert.deepEqual(readdirSync(io.directory), ['errors.log']);
  assert.equal(mode(file), '600');
});

test('cli 11: a log that cannot be written is told, and is no error of its own', () => {
  const io = place();
  writeFileSync(io.home, 'a file where the home should be');
  assert.deepEqual(logError(new Error('x'), 'uma', 0, io), {
    file: join(io.directory, 'errors.log'),
    unwritable: 'ENOTDIR',
  });
});

test('cli 11: what is thrown where nobody can catch it is told as any other error', async () => {
  const adapter = new URL('../../src/adapters/terminal.ts', import.meta.url).href;
  for (const fault of ["setImmediate(() => { throw new Error('x'); });", "void Promise.reject(new Error('x'));"]) {
    const script = `
      import { onUncaught } from ${JSON.stringify(adapter)};
      onUncaught(async (error) => { console.log('told:', error.message); return 1; });
      setInterval(() => {}, 1000);
      ${fault}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.deepEqual([out, err, child.exitCode], ['told: x\n', '', 1]);
  }
});
