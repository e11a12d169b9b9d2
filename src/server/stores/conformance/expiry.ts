/** Level 4: what has expired is not there, at the second it expires, before and after a sweep. The clock is an argument. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { artifact, freshStore, NOW, refresh, resource, rpt, type StoreDriver, ticket } from './fixtures.ts';

const END = NOW + 10;

export function expiryLevel(driver: StoreDriver): void {
  describe(`${driver.name}: expiry`, () => {
    it('a ticket: taken, or known as used, until it expires', async (t) => {
      const { tickets } = (await freshStore(driver, t)).stores;
      for (const key of ['early', 'late']) await tickets.put(ticket(key, { expires_at: END }));
      assert.deepEqual(await tickets.take('late', END, 'app'), { kind: 'unknown' });
      assert.equal((await tickets.take('early', END - 1, 'app')).kind, 'taken');
      assert.deepEqual(await tickets.take('early', END - 1, 'app'), {
        kind: 'used',
        chain: 'chain-of-early',
        client_id: 'app',
      });
      assert.deepEqual(await tickets.take('early', END, 'app'), { kind: 'unknown' });
    });

    it('an RPT, also one kept for upgrading (GRANT-3.3.1-10)', async (t) => {
      const { rpts, sweep } = (await freshStore(driver, t)).stores;
      await rpts.put(rpt('k', { expires_at: END }));
      assert.ok(await rpts.get('k', END - 1));
      await sweep(END);
      assert.equal(await rpts.get('k', END), undefined);
      assert.ok(await rpts.get('k', END, { allowExpired: true }));
    });

    it('refresh tokens and PCTs', async (t) => {
      const { refreshes, pcts } = (await freshStore(driver, t)).stores;
      await refreshes.put(refresh('k', { expires_at: END }));
      assert.ok(await refreshes.get('k', END - 1));
      assert.equal(await refreshes.get('k', END), undefined);
      assert.deepEqual(await refreshes.take('k', END, 'app'), { kind: 'unknown' });
      await pcts.put({ key: 'k', client_id: 'app', gathered: { claims: [], at: NOW }, expires_at: END });
      assert.ok(await pcts.get('k', END - 1));
      assert.equal(await pcts.get('k', END), undefined);
    });

    it('artifacts, by every way to find them', async (t) => {
      const { artifacts } = (await freshStore(driver, t)).stores;
      await artifacts.put(artifact('DeviceCode', 'k', { uid: 'u', user_code: 'c', expires_at: END }));
      for (const find of [
        (now: number) => artifacts.get('DeviceCode', 'k', now),
        (now: number) => artifacts.payload('DeviceCode', 'k', now),
        (now: number) => artifacts.findByUid('DeviceCode', 'u', now),
        (now: number) => artifacts.findByUserCode('DeviceCode', 'c', now),
      ]) {
        assert.ok(await find(END - 1));
        assert.equal(await find(END), undefined);
      }
      assert.equal(await artifacts.consume('DeviceCode', 'k', END), false);
    });

    it('a key that must come once may come again afterwards', async (t) => {
      const { once } = (await freshStore(driver, t)).stores;
      assert.equal(await once.first('jti', NOW, END), true);
      assert.equal(await once.first('jti', END - 1, END + 5), false);
      assert.equal(await once.first('jti', END, END + 10), true);
      assert.equal(await once.first('jti', END + 9, END + 20), false);
    });

    it('a sweep removes what has expired and nothing else', async (t) => {
      const { stores } = await freshStore(driver, t);
      const count = 2500; // more than a driver is likely to remove at once
      for (let index = 0; index < count; index += 1) await stores.once.first(`old-${index}`, NOW, END);
      await stores.once.first('new', NOW, END + 1);
      await stores.tickets.put(ticket('old', { expires_at: END }));
      await stores.tickets.put(ticket('new', { expires_at: END + 1 }));
      await stores.artifacts.put(artifact('Session', 'old', { expires_at: END }));
      await stores.artifacts.put(artifact('Session', 'forever', { expires_at: undefined }));
      await stores.refreshes.put(refresh('old', { expires_at: END }));
      await stores.resources.create(resource('photo'));
      assert.equal(await stores.sweep(END), count + 3);
      assert.equal(await stores.sweep(END), 0);
      assert.equal(await stores.once.first('new', END, END + 9), false);
      assert.equal((await stores.tickets.take('new', END)).kind, 'taken');
      assert.ok(await stores.artifacts.get('Session', 'forever', END));
      assert.ok(await stores.resources.get('photo'));
    });
  });
}
