import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { BIN } from './uma.ts';

test('an old Node gets one clear line and exit 3', () => {
  const pretend = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `${pretend} require(${JSON.stringify(BIN)})`], {
    encoding: 'utf8',
  });
  assert.equal(status, 3);
  assert.equal(stdout, '');
  assert.match(stderr, /^uma: needs Node\.js 24 or newer, .*\n$/);
});
