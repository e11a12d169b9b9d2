import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NOW, refresh, rpt, ticket } from '../../../src/server/stores/conformance/fixtures.ts';
import {
  basicLevel,
  expiryLevel,
  isolationLevel,
  type StoreDriver,
  singleUseLevel,
  transferLevel,
} from '../../../src/server/stores/conformance.ts';
import { held } from '../../../src/server/stores/memory/held.ts';
import { openMemory } from '../../../src/server/stores/memory.ts';

const memory: StoreDriver = {
  name: 'memory',
  create: async () => ({ stores: await openMemory(), dispose: async () => {} }),
};

for (const level of [basicLevel, singleUseLevel, isolationLevel, expiryLevel, transferLevel]) level(memory);

it('what was given to the store and what it gives are not the same objects', async () => {
  const stores = await openMemory();
  const given = rpt('a');
  await stores.rpts.put(given);
  given.permissions[0]!.resource_scopes.push('download');
  assert.deepEqual(await stores.rpts.get('a', NOW), rpt('a'));
  await stores.close();
});

it('a sweep takes tickets and refresh tokens at their end, RPTs a day later', async () => {
  const stores = await openMemory();
  for (const key of ['a', 'b']) {
    await stores.tickets.put(ticket(key, { expires_at: key === 'a' ? NOW : NOW + 1 }));
    await stores.rpts.put(rpt(key, { expires_at: key === 'a' ? NOW - 86_400 : NOW }));
    await stores.refreshes.put(refresh(key, { expires_at: key === 'a' ? NOW : NOW + 1 }));
  }
  assert.equal(await stores.sweep(NOW), 3);
  assert.equal((await stores.tickets.take('b', NOW, 'app')).kind, 'taken');
  assert.ok(await stores.rpts.get('b', NOW, { allowExpired: true }));
  assert.ok(await stores.refreshes.get('b', NOW));
  await stores.close();
});

it('a full store refuses as one that does not serve now, and takes more when something has ended', async () => {
  const records = held<{ key: string; expires_at: number }>({ own: [], by: {} });
  for (let key = 0; key < 1_000_000; key += 1) records.add({ key: String(key), expires_at: key === 0 ? NOW : NOW + 9 });
  const one = { key: 'one more', expires_at: NOW + 9 };
  assert.throws(() => records.add(one), { category: 'network', code: 'store_unavailable' });
  assert.equal(await records.sweep(NOW), 1);
  records.add(one);
  assert.deepEqual(records.get('one more')?.record, one);
});
