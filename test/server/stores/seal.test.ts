import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { UmaError } from '../../../src/protocol/errors.ts';
import { rotateKeys } from '../../../src/server/oauth/keys.ts';
import { openStores } from '../../../src/server/stores/open.ts';
import { KEY_FILE, keySeal } from '../../../src/server/stores/seal.ts';
import { start as serve, temporaryDirectory, uma } from '../../cli/uma.ts';
import { type Harness, start } from '../http/harness.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const kids = async (as: Harness) => (await as.send('/jwks')).text;
const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof UmaError, String(error));
  assert.deepEqual([error.category, error.code], ['config', expected]);
  assert.ok(error.hint !== undefined || expected === 'store_unusable');
  return true;
};

/** Every byte that a directory holds, its key file left out. */
const bytesOf = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name !== KEY_FILE)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('');

async function keysOf(dataDir: string) {
  const stores = await openStores({ dataDir });
  const list = await stores.keys.list();
  await stores.close();
  return list;
}

describe('signing keys at rest', () => {
  it('no private part of a key stands in the data, under --data with a key file of its owner alone', async () => {
    const dataDir = temporaryDirectory();
    let before = '';
    {
      await using as = await start({ dataDir });
      before = await kids(as);
    }
    assert.equal(statSync(join(dataDir, KEY_FILE)).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(dataDir).filter((name) => name.startsWith(`${KEY_FILE}.`)),
      [],
    );
    const [record] = await keysOf(dataDir);
    assert.deepEqual(Object.keys(record?.jwk ?? {}), ['alg', 'jwe']);
    const seal = keySeal({ dataDir });
    const opened = await seal!.open(record!);
    assert.ok(typeof opened.jwk.d === 'string' && opened.jwk.d.length > 40);
    assert.ok(!bytesOf(dataDir).includes(opened.jwk.d));
    await using as = await start({ dataDir });
    assert.equal(await kids(as), before);
  });

  it('a key file that others can read, that is none, or is another one is refused, and nothing is changed', async () => {
    const dataDir = temporaryDirectory();
    await (await start({ dataDir })).server.close();
    chmodSync(join(dataDir, KEY_FILE), 0o644);
    await assert.rejects(start({ dataDir }), code('file_open_to_others'));
    chmodSync(join(dataDir, KEY_FILE), 0o600);
    for (const storeKey of ['', 'short', 'x'.repeat(64)])
      await assert.rejects(start({ dataDir, storeKey }), code('invalid_store_key'));
    await assert.rejects(start({ dataDir, storeKey: KEY }), code('store_key_wrong'));
    const kept = await keysOf(dataDir);
    const stores = await openStores({ dataDir });
    const other = keySeal({ dataDir, key: KEY });
    await assert.rejects(rotateKeys(stores.keys, 1, { seal: other }), code('store_key_wrong'));
    // One key's content under another one's name does not open.
    await assert.rejects(keySeal({ dataDir })!.open({ ...kept[0]!, kid: 'other' }), code('store_key_wrong'));
    await stores.close();
    assert.deepEqual(await keysOf(dataDir), kept);
    await (await start({ dataDir })).server.close();
  });

  it('whoever lost the key begins anew with keys rotate --drop-old', async () => {
    const dataDir = temporaryDirectory();
    await (await start({ dataDir })).server.close();
    rmSync(join(dataDir, KEY_FILE));
    await assert.rejects(start({ dataDir }), code('store_key_wrong'));
    assert.equal((await uma(['serve', 'keys', 'rotate', '--data', dataDir])).code, 3);
    const { code: done, stderr } = await uma(['serve', 'keys', 'rotate', '--drop-old', '--data', dataDir]);
    assert.equal(done, 0, stderr);
    await using as = await start({ dataDir });
    assert.equal((await as.token('bob', 'openid', 'UmaClient:password')).token_type, 'Bearer');
  });

  it('keys from before there was a seal are taken over and sealed at the next start', async () => {
    const dataDir = temporaryDirectory();
    const stores = await openStores({ dataDir });
    const { added } = await rotateKeys(stores.keys, 1);
    await stores.close();
    {
      await using as = await start({ dataDir });
      assert.ok((await kids(as)).includes(added[0]?.kid ?? 'none'));
    }
    for (const record of await keysOf(dataDir)) assert.deepEqual(Object.keys(record.jwk), ['alg', 'jwe']);
  });

  it('an export has the keys open, and the place that takes it seals them with its own key', async () => {
    const [from, to] = [temporaryDirectory(), temporaryDirectory()];
    let before = '';
    {
      await using as = await start({ dataDir: from });
      before = await kids(as);
    }
    const dump = await uma(['serve', 'export', '--data', from]);
    assert.match(dump.stdout, /"kind":"key".*"d":"/);
    const env = { UMA_STORE_KEY: KEY };
    const taken = await uma(['serve', 'import', '-', '--data', to], { stdin: dump.stdout, env });
    assert.equal(taken.code, 0, taken.stderr);
    assert.ok(!existsSync(join(to, KEY_FILE)), 'the key was given');
    await using as = await start({ dataDir: to, storeKey: KEY });
    assert.equal(await kids(as), before);
  });

  it('a shared store without a key is refused before anything is opened', async () => {
    const { code: exit, stderr } = await uma(['serve', '--port', '0', '--store', 'postgres://uma@127.0.0.1:9/uma']);
    assert.equal(exit, 3, stderr);
    assert.match(stderr, /openssl rand -base64 32/);
  });

  it('several processes that start at once on a new directory end with one key', async () => {
    const dataDir = temporaryDirectory();
    const children = Array.from({ length: 3 }, () => serve(['serve', '--port', '0', '--data', dataDir]));
    const sets = await Promise.all(
      children.map(async (child) => {
        const { issuer } = JSON.parse(await new Promise((done) => child.stdout?.once('data', done))) as {
          issuer: string;
        };
        return (await fetch(`${issuer}/jwks`)).text();
      }),
    );
    assert.equal(new Set(sets).size, 1);
    await Promise.all(
      children.map((child) => {
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGTERM');
        return ended;
      }),
    );
  });
});
