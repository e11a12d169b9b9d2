import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileCache } from '../../src/adapters/cache.ts';
import { configDirectory } from '../../src/adapters/config-directory.ts';
import { files } from '../../src/adapters/files.ts';
import { homeDirectory } from '../../src/adapters/home.ts';
import { configFile, settingsStore } from '../../src/adapters/settings-store.ts';
import type { Vault } from '../../src/adapters/vault.ts';

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'uma-test-'));
  after(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'config');
}
/** Keeps everything as it is; what a keyring changes: vault.test.ts. */
const plain: Vault = { protect: async (secret) => secret, reveal: async (kept) => String(kept) };
const storeAt = (path: string) => settingsStore(path, configFile(path), plain);
const cacheAt = (path: string, now: () => number) =>
  fileCache(path, { now, vault: plain, warn: (text) => assert.fail(text) });
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('cli 25: UMA_CONFIG_DIR > XDG_CONFIG_HOME/uma > the platform', () => {
  const at = (env: Record<string, string>, platform = 'linux') => configDirectory({ env, platform, home: '/home/a' });
  assert.equal(at({ UMA_CONFIG_DIR: '/u', XDG_CONFIG_HOME: '/x' }), '/u');
  assert.equal(at({ XDG_CONFIG_HOME: '/x' }), '/x/uma');
  assert.equal(at({}), '/home/a/.config/uma');
  assert.equal(at({}, 'darwin'), '/home/a/Library/Preferences/uma');
  assert.equal(at({ APPDATA: '/ad' }, 'win32'), '/ad/uma');
});

test('cli 25: reading makes no file; files are 0600 in a directory of 0700; secrets stand apart', async () => {
  const path = directory();
  const store = storeAt(path);
  assert.deepEqual(await store.list(), { names: [], current: undefined });
  assert.equal(await store.get('work'), undefined);
  assert.equal(await store.secret('work', 'client'), undefined);
  assert.equal(existsSync(path), false);

  await store.put('work', { issuer: 'https://as.example' });
  await store.putSecret('work', 'client', 'hunter2');
  assert.equal(mode(path), '700');
  for (const name of ['config.json', 'credentials.json']) assert.equal(mode(join(path, name)), '600');
  assert.doesNotMatch(readFileSync(join(path, 'config.json'), 'utf8'), /hunter2/);

  const again = storeAt(path);
  assert.deepEqual(await again.get('work'), { issuer: 'https://as.example' });
  assert.equal(await again.secret('work', 'client'), 'hunter2');
  assert.equal(await again.get('toString'), undefined);
});

test('cli 24: the first profile is the current one; deleting it leaves none, and its secrets are gone', async () => {
  const path = directory();
  const store = storeAt(path);
  await store.put('a.b', { issuer: 'https://a.example' });
  await store.put('c', { issuer: 'https://c.example' });
  await store.putSecret('a.b', 'rs', 'hunter2');
  assert.deepEqual(await store.list(), { names: ['a.b', 'c'], current: 'a.b' });
  assert.equal(await store.delete('a.b'), true);
  assert.deepEqual(await store.list(), { names: ['c'], current: undefined });
  assert.equal(await store.delete('a.b'), false);
  assert.doesNotMatch(readFileSync(join(path, 'credentials.json'), 'utf8'), /hunter2/);
  await store.use('c');
  assert.equal((await storeAt(path).list()).current, 'c');
});

test('a broken file is exit 3 and named', async () => {
  const path = directory();
  await storeAt(path).put('a', {});
  writeFileSync(join(path, 'config.json'), '{ broken');
  await assert.rejects(storeAt(path).list(), { code: 'invalid_config_file', category: 'config' });
});

test('the cache gives a token back until 30 s before its end, to its own key only', async () => {
  let now = 1000;
  const path = directory();
  const cache = cacheAt(path, () => now);
  const key = ['pat', 'https://as.example', 'rs', 'alice'];
  assert.equal(await cache.get(key), undefined);
  await cache.put(key, { value: { access_token: 'p' }, expires_at: 1100 });
  assert.deepEqual(await cache.get(key), { access_token: 'p' });
  assert.equal(await cache.get(['pat', 'https://as.example', 'rs', 'bob']), undefined);
  assert.equal(await cache.get(['pat', 'https://as.example', 'rsalice', '']), undefined);
  assert.equal(mode(path), '700');
  for (const name of readdirSync(path)) assert.equal(mode(join(path, name)), '600');
  now = 1069;
  assert.notEqual(await cache.get(key), undefined);
  now = 1070;
  assert.equal(await cache.get(key), undefined);
  assert.deepEqual(readdirSync(path), [], 'what has expired is removed');
});

test('the cache forgets, and a file that is none counts as empty', async () => {
  const path = directory();
  const cache = cacheAt(path, () => 0);
  await cache.put(['k'], { value: 1, expires_at: 100 });
  writeFileSync(join(path, readdirSync(path)[0]!), 'broken');
  assert.equal(await cache.get(['k']), undefined);
  await cache.put(['k'], { value: 2, expires_at: 100 });
  await cache.forget(['k']);
  await cache.forget(['k']);
  assert.equal(await cache.get(['k']), undefined);
});

test('cli 15: standard input is read once, and not for two things', async () => {
  const io = { stdinIsTty: false, readStdin: async () => 'text' } as Parameters<typeof files>[0];
  const read = files(io);
  assert.equal(await read.readFile('--token-file', '-'), 'text');
  await assert.rejects(read.readFile('--pct-file', '-'), { code: 'two_stdins' });
  assert.equal(await read.stdin(), undefined, 'a flag has taken it');
  const piped = files(io);
  assert.equal(await piped.stdin(), 'text');
  await assert.rejects(piped.readFile('--token-file', '-'), { code: 'two_stdins' });
  await assert.rejects(piped.readFile('--token-file', '/nowhere/x'), { code: 'unreadable_file', category: 'usage' });
});

test('the cache keeps nothing where it cannot write, and nothing fails', async () => {
  const blocked = directory();
  writeFileSync(blocked, 'a file, so no directory can be made below it');
  const cache = cacheAt(join(blocked, 'tokens'), () => 0);
  await cache.put(['k'], { value: 1, expires_at: 100 });
  assert.equal(await cache.get(['k']), undefined);
  await cache.forget(['k']);
});

test('without HOME the account has one; never the working directory', () => {
  assert.equal(homeDirectory({ HOME: '/home/a' }), '/home/a');
  for (const env of [{}, { HOME: '' }]) {
    assert.ok(homeDirectory(env).startsWith('/') || process.platform === 'win32');
    assert.notEqual(homeDirectory(env), process.cwd());
  }
});
