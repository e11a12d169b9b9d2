/** Level 6: all that a store holds can be taken over by another one, and what was used there is used here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restore, type StoredRecord } from '../records.ts';
import type { Stores } from '../types.ts';
import {
  artifact,
  BOB,
  freshStore,
  NOW,
  policy,
  refresh,
  request,
  resource,
  rpt,
  type StoreDriver,
  ticket,
} from './fixtures.ts';

/** Something of everything, in every state. */
export async function fill(stores: Stores): Promise<void> {
  await stores.keys.add({ kid: 'old', jwk: { kty: 'EC' }, created_at: NOW });
  await stores.keys.add({ kid: 'new', jwk: { kty: 'EC' }, created_at: NOW });
  // More than a page, and ids that a page may end at.
  for (let index = 0; index < 501; index += 1) await stores.resources.create(resource(`r-${index}`));
  await stores.resources.create(resource('nul \0 \x01 é'));
  for (const id of ['a', 'b']) await stores.policies.create(policy(`p-${id}`, { name: id }));
  await stores.requests.file(request('open', { scopes: ['view', 'download'] }));
  await stores.requests.file(request('denied', { client_id: 'other' }));
  await stores.requests.decide('denied', 'alice', ['pending'], { status: 'denied', decided_at: NOW, message: 'no' });
  for (const id of ['1', '2']) await stores.history.append({ id, owner: 'alice', type: 'rpt_issued', at: NOW });
  for (const key of ['fresh', 'used', 'bound']) await stores.tickets.put(ticket(key));
  await stores.tickets.take('used', NOW, 'app');
  await stores.tickets.bind('bound', NOW, 'app');
  await stores.rpts.put(rpt('rpt'));
  for (const key of ['fresh', 'used']) await stores.refreshes.put(refresh(key));
  await stores.refreshes.take('used', NOW, 'app');
  await stores.pcts.put({
    key: 'pct',
    client_id: 'app',
    gathered: { party: BOB, claims: [], at: NOW },
    expires_at: NOW + 9,
  });
  await stores.artifacts.put(artifact('AuthorizationCode', 'used', { grant_id: 'g' }));
  await stores.artifacts.consume('AuthorizationCode', 'used', NOW);
  await stores.artifacts.put(artifact('DeviceCode', 'open', { uid: 'u', user_code: 'c' }));
  await stores.artifacts.put(artifact('Session', 'forever', { expires_at: undefined }));
  await stores.once.first('jti', NOW, NOW + 60);
}

export async function recordsOf(stores: Stores): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const record of stores.records()) records.push(record);
  return records;
}

/** What {@link fill} has used is used, and what it has not is not. */
export async function assertUsed(stores: Stores): Promise<void> {
  const { tickets, refreshes, artifacts, once, keys, requests } = stores;
  assert.deepEqual(await tickets.take('used', NOW, 'app'), { kind: 'used', chain: 'chain-of-used', client_id: 'app' });
  assert.equal((await tickets.take('bound', NOW, 'thief')).kind, 'unknown');
  assert.equal((await tickets.take('bound', NOW, 'app')).kind, 'taken');
  assert.equal((await tickets.take('fresh', NOW, 'anybody')).kind, 'taken');
  assert.equal((await refreshes.take('used', NOW, 'app')).kind, 'used');
  assert.equal((await refreshes.take('fresh', NOW, 'app')).kind, 'taken');
  assert.equal(await artifacts.consume('AuthorizationCode', 'used', NOW), false);
  assert.equal(await once.first('jti', NOW, NOW + 60), false);
  assert.deepEqual(
    (await keys.list()).map(({ kid }) => kid),
    ['new', 'old'],
  );
  assert.equal((await requests.file(request('again'))).created, false);
}

export function transferLevel(driver: StoreDriver): void {
  describe(`${driver.name}: transfer`, () => {
    it('another store takes everything over, and gives the same records', async (t) => {
      const [from, to] = [(await freshStore(driver, t)).stores, (await freshStore(driver, t)).stores];
      assert.deepEqual(await recordsOf(from), []);
      await fill(from);
      const records = await recordsOf(from);
      assert.equal(new Set(records.map(({ kind }) => kind)).size, 11, 'every kind is in it');
      for (const record of JSON.parse(JSON.stringify(records)) as StoredRecord[]) await restore(to, record);
      assert.deepEqual(await recordsOf(to), records);
      await assertUsed(to);
    });
  });
}
