import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { startProcess } from '../../../src/server/stores/conformance/processes.ts';
import {
  basicLevel,
  durabilityLevel,
  expiryLevel,
  isolationLevel,
  type StoreDriver,
  singleUseLevel,
  transferLevel,
} from '../../../src/server/stores/conformance.ts';
import { openSqlite } from '../../../src/server/stores/sqlite.ts';
import type { Stores } from '../../../src/server/stores/types.ts';

const DRIVER = { module: new URL('../../../src/server/stores/sqlite.ts', import.meta.url).href, name: openSqlite.name };

const memory: StoreDriver = {
  name: 'SQLite in memory',
  create: async () => ({ stores: await openSqlite(), dispose: async () => {} }),
};

const file: StoreDriver = {
  name: 'SQLite on file',
  async create() {
    const directory = mkdtempSync(join(tmpdir(), 'uma-stores-'));
    const path = join(directory, 'data', 'uma.db');
    const more: Stores[] = [];
    return {
      stores: await openSqlite({ path }),
      async again() {
        const stores = await openSqlite({ path });
        more.push(stores);
        return stores;
      },
      elsewhere: {
        ...DRIVER,
        argument: { path },
      },
      async dispose() {
        for (const stores of more) await stores.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
};

for (const driver of [memory, file]) {
  basicLevel(driver);
  singleUseLevel(driver);
  isolationLevel(driver);
  expiryLevel(driver);
  transferLevel(driver);
}
durabilityLevel(file);

/** An empty directory that goes away with the test. */
function directoryFor(context: { after(clean: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'uma-stores-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

it('the file, its side files and its directory are for their owner alone', async (t) => {
  const directory = join(directoryFor(t), 'data');
  const stores = await openSqlite({ path: join(directory, 'uma.db') });
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const names = readdirSync(directory);
  assert.ok(names.includes('uma.db-wal'));
  for (const name of names) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
  await stores.close();
  await stores.close();
});

it('a file that is no database, and one of a newer program, are refused and left as they are', async (t) => {
  const directory = directoryFor(t);
  const junk = join(directory, 'junk.db');
  writeFileSync(junk, 'not a database, but long enough to look at its header '.repeat(10), { mode: 0o600 });
  await assert.rejects(openSqlite({ path: junk }), { category: 'config', code: 'store_unusable' });
  const newer = join(directory, 'newer.db');
  const handle = new DatabaseSync(newer);
  handle.exec('PRAGMA user_version = 999');
  handle.close();
  chmodSync(newer, 0o600);
  await assert.rejects(openSqlite({ path: newer }), { category: 'config', code: 'store_too_new' });
  await assert.rejects(openSqlite({ path: join(junk, 'uma.db') }), { category: 'config', code: 'store_unusable' });
});

it('several processes make one file at the same time', async (t) => {
  const argument = { path: join(directoryFor(t), 'uma.db') };
  const racers = await Promise.all([1, 2, 3].map(() => startProcess(t, { ...DRIVER, argument })));
  assert.deepEqual(await racers[0]?.ask('write', ['photo']), ['photo']);
  const taken = await Promise.all(racers.map((racer) => racer.ask('take', ['open-photo'])));
  assert.deepEqual(taken.flat(), ['open-photo']);
});
