import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileCacheDirectory } from '../../src/cli/compile-cache.ts';
import { temporaryDirectory, uma } from './uma.ts';

test("compiled code is kept in the user's own cache directory, and --version needs none", async () => {
  const cwd = temporaryDirectory();
  const env = { XDG_CACHE_HOME: join(cwd, 'cache'), TMPDIR: cwd };
  assert.equal((await uma(['--version'], { cwd, env })).code, 0);
  assert.deepEqual(readdirSync(cwd), []);
  assert.equal((await uma(['help', 'exit-codes'], { cwd, env })).code, 0);
  assert.ok(readdirSync(join(cwd, 'cache/uma/compiled')).length > 0);
  assert.ok(!existsSync(join(cwd, 'node-compile-cache')), "not in everybody's directory for temporary files");
});

test('the cache directory is where each system has the caches of a user', () => {
  assert.equal(compileCacheDirectory({ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux'), '/x/uma/compiled');
  const HOME = temporaryDirectory();
  assert.equal(compileCacheDirectory({ XDG_CACHE_HOME: '', HOME }, 'darwin'), join(HOME, '.cache/uma/compiled'));
  assert.equal(compileCacheDirectory({ HOME: join(HOME, 'none') }, 'linux'), undefined);
  assert.equal(compileCacheDirectory({ LOCALAPPDATA: 'C:\\L', HOME: '/h' }, 'win32'), 'C:\\L/uma/compiled');
  assert.equal(compileCacheDirectory({}, 'linux'), undefined);
});
