/** `npm run build:exe`: one file for people without Node. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const exe = join(root, 'exe/uma');
const folder = mkdtempSync(join(tmpdir(), 'uma-exe-'));
const nowhere = join(folder, 'no-programs');
const env = { PATH: nowhere, HOME: folder };
let server: ChildProcess | undefined;
after(async () => {
  if (server !== undefined && server.exitCode === null) {
    server.kill();
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

const uma = (args: string[], input?: string) =>
  spawnSync(exe, args, { cwd: folder, env, encoding: 'utf8', ...(input === undefined ? {} : { input }) });

before(() => {
  mkdirSync(nowhere);
  execFileSync('npm', ['run', '--silent', 'build:exe'], { cwd: root, stdio: 'pipe' });
});

test('the demo, from an empty folder and with no Node on PATH', () => {
  const demo = uma(['demo', '--quiet', '--field', 'ok']);
  assert.deepEqual([demo.status, demo.stdout, demo.stderr], [0, 'true\n', '']);
});

test('help, errors and exit codes are those of the program', () => {
  assert.match(uma(['--version']).stdout, /^uma \S+ \(Node\.js v/);
  assert.match(uma(['help', 'ticket']).stdout, /permission ticket/);
  const typo = uma(['tickt']);
  assert.deepEqual([typo.status, typo.stdout], [2, '']);
  assert.match(typo.stderr, /Did you mean .*ticket/);
});

test('cli 11: an unexpected error names the log and where to report it', () => {
  // Nested deeper than the stack of the program goes.
  const deep = `e30.${Buffer.from(`{"sub":${'['.repeat(20_000)}${']'.repeat(20_000)}}`).toString('base64url')}.`;
  const { status, stdout, stderr } = uma(['decode'], deep);
  assert.deepEqual([status, stdout], [1, '']);
  const log = join(folder, '.local/state/uma/errors.log');
  assert.match(stderr, new RegExp(`^uma: unexpected error: .*\\n.*${log} .*\\nTry: report it with that log: .+\\n$`));
  assert.match(readFileSync(log, 'utf8'), /: uma decode\nRangeError: .*\n[\s\S]* {4}at .*core-/);
});

test('serve with workers, and a pipe of the flow against it', async () => {
  server = spawn(exe, ['serve', '--port', '0', '--workers', '2', '--data', join(folder, 'data')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string];
  const at = ['--issuer', (JSON.parse(line) as { issuer: string }).issuer];
  assert.equal(uma(['register', '--name', 'Photo', '--scope', 'view', ...at]).status, 0);
  const ticket = uma(['ticket', '--resource', 'Photo', '--scope', 'view', ...at]);
  assert.equal(uma(['rpt', '--party', 'bob', ...at], ticket.stdout).status, 7);
  assert.equal(uma(['approve', '--all', '--owner', 'alice', ...at]).status, 0);
  const again = uma(['ticket', '--resource', 'Photo', '--scope', 'view', ...at]);
  const rpt = uma(['rpt', '--party', 'bob', ...at], again.stdout);
  assert.match(uma(['introspect', ...at], rpt.stdout).stdout, /^\{"active":true,/);
  server.kill('SIGTERM');
  const [code] = (await once(server, 'exit')) as [number | null];
  assert.equal(code, 0);
});
