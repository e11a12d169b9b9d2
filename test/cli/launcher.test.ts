import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureBuilt } from '../../scripts/fresh.ts';
import { BIN, temporaryDirectory, uma } from './uma.ts';

test('in a checkout, `uma` is a command of a PATH with node_modules/.bin', {
  skip: process.platform === 'win32',
}, () => {
  ensureBuilt();
  const bin = join(BIN, '../../node_modules/.bin');
  const { status, stdout } = spawnSync('/bin/sh', ['-c', 'uma --version'], {
    encoding: 'utf8',
    cwd: temporaryDirectory(),
    env: { PATH: `${bin}:/usr/bin:/bin` },
  });
  assert.equal(status, 0);
  assert.match(stdout, /^uma \S+ \(Node\.js v24\./);
});

test('an old Node gets one clear line and exit 3', () => {
  const pretend = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `${pretend} require(${JSON.stringify(BIN)})`], {
    encoding: 'utf8',
  });
  assert.equal(status, 3);
  assert.equal(stdout, '');
  assert.match(stderr, /^uma: needs Node\.js 24 or newer, .*\n$/);
});

test('cli 11: an installation that is not whole is told without a stack, whatever part is missing', () => {
  const top = temporaryDirectory();
  for (const folder of ['bin', 'dist']) cpSync(join(BIN, '../..', folder), join(top, folder), { recursive: true });
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(top, 'bin/uma.js'), 'decode', ...args], {
      encoding: 'utf8',
      input: '',
      env: { UMA_CONFIG_DIR: join(top, 'config') },
    });
  const remove = (name: RegExp) => {
    for (const file of readdirSync(join(top, 'dist')).filter((one) => name.test(one))) rmSync(join(top, 'dist', file));
  };
  remove(/^decode-/);
  const command = run();
  assert.equal(command.status, 1);
  assert.match(
    command.stderr,
    /^uma: unexpected error: Cannot find module '.\/decode-\S+'\n {5}.*errors\.log .*\nTry: .*\n$/,
  );
  remove(/^core-/);
  const all = run();
  assert.equal(all.status, 1);
  assert.match(
    all.stderr,
    /^uma: this installation is not whole: Cannot find module '.\/core-\S+'\nTry: install it again\n$/,
  );
  assert.match(run('--debug').stderr, /\n {4}at /);
});

test('a working directory that is gone is no reason for a stack trace', { skip: process.platform === 'win32' }, () => {
  const cwd = join(temporaryDirectory(), 'gone');
  mkdirSync(cwd);
  const { status, stderr } = spawnSync('sh', ['-c', 'rmdir "$PWD"; exec "$0" "$1" decode', process.execPath, BIN], {
    cwd,
    encoding: 'utf8',
    input: '',
  });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /^uma: a token is needed/);
});

test('a full disk under standard output is told in one line', { skip: !existsSync('/dev/full') }, () => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'help', 'pipes'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.equal(stderr, 'uma: standard output cannot be written (ENOSPC)\n');
});

test('P21: the built program, too, refuses a path that is no UTF-8: the check is not bundled away', async () => {
  const { code, stderr } = await uma(['gateway', 'explain', 'GET', '/a%ff', '--config', '-'], {
    stdin: '{"default":"pass","routes":[]}',
  });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /UTF-8/);
});
