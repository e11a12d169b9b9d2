// Sealing, and what is chosen where. The real keyrings: test/interop/keyring.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Keyring } from '../../src/adapters/keyring.ts';
import { makeVault, type Storage, type VaultOptions } from '../../src/adapters/vault.ts';
import { uma } from '../cli/uma.ts';

const AS = 'https://as.example';

/** A keyring in memory. */
function keyringOf(kept = new Map<string, string>()): Keyring {
  return { get: async (name) => kept.get(name), set: async (name, secret) => void kept.set(name, secret) };
}
const noKeyring: Keyring = {
  get: () => Promise.reject(new Error('no D-Bus')),
  set: () => Promise.reject(new Error('no D-Bus')),
};

function vaultOf(keyring: Keyring, options: Partial<VaultOptions> = {}) {
  const warnings: string[] = [];
  let storage: Storage | undefined;
  const make = () =>
    makeVault({
      keyring: async () => keyring,
      remembered: async () => storage,
      remember: async (chosen) => {
        storage = chosen;
      },
      asked: () => undefined,
      insecure: false,
      warn: (text) => warnings.push(text),
      name: '/home/a/.config/uma',
      ...options,
    });
  return { make, vault: make(), warnings, storage: () => storage };
}

test('cli 26: sealed where a keyring answers: unreadable in the file, and only for what it was sealed about', async () => {
  const { vault, make, warnings, storage } = vaultOf(keyringOf());
  const kept = await vault.protect('hunter2', 'a', AS);
  assert.ok(typeof kept === 'object');
  assert.doesNotMatch(Buffer.from(kept.sealed, 'base64url').toString('latin1'), /hunter2/);
  assert.notDeepEqual(await vault.protect('hunter2', 'a', AS), kept, 'the same secret never looks the same');
  assert.equal(await make().reveal(kept, 'a'), 'hunter2', 'by another process');
  for (const [about, sealed] of [
    ['b', kept.sealed],
    ['a', `${kept.sealed.slice(0, -4)}AAAA`],
    ['a', 'AAAA'],
  ] as const)
    await assert.rejects(vault.reveal({ sealed }, about), { code: 'no_keyring', category: 'config' });
  assert.deepEqual([warnings, storage()], [[], 'keyring']);
});

test('cli 26: no keyring: files as they are, one warning, and the choice is remembered', async () => {
  const { vault, make, warnings, storage } = vaultOf(noKeyring);
  assert.equal(await vault.protect('hunter2', 'a', AS), 'hunter2');
  assert.equal(await vault.protect('hunter3', 'b', AS), 'hunter3');
  assert.equal(await make().protect('hunter4', 'c', AS), 'hunter4');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /no D-Bus.*only you can read.*--insecure-storage/);
  assert.equal(storage(), 'file');
});

test('cli 26: --insecure-storage asks no keyring and does not warn; UMA_STORAGE decides for one call', async () => {
  const insecure = vaultOf(noKeyring, { insecure: true });
  assert.equal(await insecure.vault.protect('hunter2', 'a', AS), 'hunter2');
  assert.deepEqual([insecure.warnings, insecure.storage()], [[], 'file']);
  const asked = vaultOf(noKeyring, { asked: () => 'keyring' });
  await assert.rejects(asked.vault.protect('hunter2', 'a', AS), { code: 'no_keyring' });
  assert.equal(asked.storage(), undefined);
});

test('what belongs to a server on this machine is no matter for a keyring', async () => {
  const { vault, storage } = vaultOf(noKeyring);
  assert.equal(await vault.protect('password', 'a', 'http://127.0.0.1:9400'), 'password');
  assert.equal(storage(), undefined);
});

test('what was sealed is not given out when the keyring has lost the key, and a plain one still is', async () => {
  const kept = await vaultOf(keyringOf()).vault.protect('hunter2', 'a', AS);
  const { vault } = vaultOf(keyringOf());
  await assert.rejects(vault.reveal(kept, 'a'), { code: 'no_keyring', message: /holds no key of uma/ });
  assert.equal(await vault.reveal('plain', 'a'), 'plain');
});

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'uma-test-'));
  after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('cli 26: a D-Bus that never answers is given up after 3 s and never asked again; files are 0600', async () => {
  const config = directory();
  const socket = join(directory(), 'bus');
  let asked = 0;
  const bus = createServer(() => {
    asked += 1;
  }).listen(socket);
  after(() => bus.close());
  await once(bus, 'listening');
  const env = { UMA_CONFIG_DIR: config, DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const add = (client: string) =>
    uma(['profile', 'add', 'p', '--issuer', AS, '--client', client, '--client-secret-file', '-'], {
      env,
      stdin: 'hunter2',
    });
  const first = await add('c1');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /no keyring here \(it does not answer within 3 s\)/);
  assert.equal(asked, 1, 'it really was asked');
  const second = await add('c2');
  assert.equal(second.code, 0);
  assert.doesNotMatch(second.stderr, /keyring/);
  assert.equal(asked, 1);
  for (const name of readdirSync(config)) assert.equal(statSync(join(config, name)).mode & 0o777, 0o600, name);
  assert.match(readFileSync(join(config, 'credentials.json'), 'utf8'), /"hunter2"/);
  assert.doesNotMatch(readFileSync(join(config, 'config.json'), 'utf8'), /hunter2/);
});

test('cli 26: a machine without D-Bus: no waiting, one warning', async () => {
  const config = directory();
  const secret = join(config, 'secret');
  writeFileSync(secret, 'hunter2', { mode: 0o600 });
  const ran = await uma(['profile', 'add', 'p', '--issuer', AS, '--client', 'c', '--client-secret-file', secret], {
    env: { UMA_CONFIG_DIR: config },
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /no keyring here/);
  const said = await uma(
    ['profile', 'add', 'p', '--client', 'd', '--client-secret-file', secret, '--insecure-storage'],
    { env: { UMA_CONFIG_DIR: directory() } },
  );
  assert.doesNotMatch(said.stderr, /no keyring/);
});
