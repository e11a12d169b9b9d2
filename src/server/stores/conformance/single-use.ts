/** Level 2: what may happen once happens once, whoever else tries at the same time: callers, handles, processes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Stores } from '../types.ts';
import {
  artifact,
  freshStore,
  NOW,
  refresh,
  request,
  type StoreDriver,
  type StoreUnderTest,
  ticket,
} from './fixtures.ts';
import { startProcess } from './processes.ts';

const CALLERS = 100;

/** The first handle and, where the driver can share, a second. */
async function handles({ stores, again }: StoreUnderTest): Promise<[Stores, Stores]> {
  return [stores, again === undefined ? stores : await again()];
}

/** The answers of many callers at once, spread over the handles. */
const parallel = <T>(stores: readonly Stores[], call: (store: Stores, index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(
    Array.from({ length: CALLERS }, async (_, index) => call(stores[index % stores.length] as Stores, index)),
  );

const tally = (kinds: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(kinds, (kind) => kind)).map(([kind, all]) => [kind, all?.length ?? 0]),
  );

export function singleUseLevel(driver: StoreDriver): void {
  describe(`${driver.name}: single use`, () => {
    it('of parallel takes of a ticket exactly one wins (GRANT-5.5-02, ATK-21)', async (t) => {
      const both = await handles(await freshStore(driver, t));
      await both[0].tickets.put(ticket('k'));
      const taken = await parallel(both, (stores) => stores.tickets.take('k', NOW, 'app'));
      assert.deepEqual(tally(taken.map(({ kind }) => kind)), { taken: 1, used: CALLERS - 1 });
    });

    it('a used ticket cannot be put back', async (t) => {
      const { tickets } = (await freshStore(driver, t)).stores;
      await tickets.put(ticket('k'));
      await tickets.take('k', NOW, 'app');
      await assert.rejects(tickets.put(ticket('k')));
      assert.equal((await tickets.take('k', NOW, 'app')).kind, 'used');
    });

    it('a bound ticket stays usable, by the client that was first only, until it is taken (ATK-08)', async (t) => {
      const both = await handles(await freshStore(driver, t));
      const [{ tickets }] = both;
      await tickets.put(ticket('k'));
      const bound = await parallel(both, (stores, index) =>
        stores.tickets.bind('k', NOW, index % 4 < 2 ? 'app' : 'other'),
      );
      assert.deepEqual(tally(bound.map(({ kind }) => kind)), { taken: CALLERS / 2, unknown: CALLERS / 2 });
      const [winner] = bound.filter((answer) => answer.kind === 'taken');
      const client = winner?.ticket.client_id ?? '';
      assert.equal((await tickets.take('k', NOW, client === 'app' ? 'other' : 'app')).kind, 'unknown');
      assert.equal((await tickets.take('k', NOW, client)).kind, 'taken');
      assert.deepEqual(await tickets.bind('k', NOW, client), { kind: 'used', chain: 'chain-of-k', client_id: client });
    });

    it("another client's ticket is unknown and stays usable for its own", async (t) => {
      const { tickets } = (await freshStore(driver, t)).stores;
      await tickets.put(ticket('k', { client_id: 'app' }));
      assert.deepEqual(await tickets.take('k', NOW, 'thief'), { kind: 'unknown' });
      assert.equal((await tickets.take('k', NOW, 'app')).kind, 'taken');
      // Once it is used, everybody who presents it learns so, and by whom: that is how a theft is noticed (GRANT-5.5-05).
      for (const client of ['thief', 'app']) {
        assert.deepEqual(await tickets.take('k', NOW, client), { kind: 'used', chain: 'chain-of-k', client_id: 'app' });
      }
    });

    it('of parallel takes of a refresh token exactly one wins, the others learn its family (SEC-9700-12)', async (t) => {
      const both = await handles(await freshStore(driver, t));
      await both[0].refreshes.put(refresh('k'));
      assert.deepEqual(await both[0].refreshes.take('k', NOW, 'thief'), { kind: 'unknown' });
      const taken = await parallel(both, (stores) => stores.refreshes.take('k', NOW, 'app'));
      assert.deepEqual(tally(taken.map(({ kind }) => kind)), { taken: 1, used: CALLERS - 1 });
      assert.equal(await both[0].refreshes.get('k', NOW), undefined);
      assert.deepEqual(await both[0].refreshes.take('k', NOW, 'app'), { kind: 'used', family: 'family-of-k' });
    });

    it('an artifact is consumed once, kinds are apart, and writing it again does not revive it (ATK-21)', async (t) => {
      const both = await handles(await freshStore(driver, t));
      for (const kind of ['AuthorizationCode', 'DeviceCode']) await both[0].artifacts.put(artifact(kind, 'k'));
      const won = await parallel(both, (stores) => stores.artifacts.consume('AuthorizationCode', 'k', NOW));
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await both[1].artifacts.get('AuthorizationCode', 'k', NOW))?.consumed_at, NOW);
      assert.equal((await both[1].artifacts.get('DeviceCode', 'k', NOW))?.consumed_at, undefined);
      await both[0].artifacts.put(artifact('AuthorizationCode', 'k'));
      assert.equal(await both[0].artifacts.consume('AuthorizationCode', 'k', NOW), false);
      assert.deepEqual(await both[0].tickets.take('k', NOW), { kind: 'unknown' });
    });

    it('a key comes first once', async (t) => {
      const both = await handles(await freshStore(driver, t));
      const first = await parallel(both, (stores) => stores.once.first('jti', NOW, NOW + 60));
      assert.equal(first.filter(Boolean).length, 1);
    });

    it('tries are counted once each, over all handles, in a window that the first one opens (SEC-8628-03)', async (t) => {
      const both = await handles(await freshStore(driver, t));
      const counted = await parallel(both, (stores, index) => stores.limits.count('a', NOW + (index % 60), 60));
      assert.deepEqual(
        counted.map(({ count }) => count).sort((a, b) => a - b),
        Array.from({ length: CALLERS }, (_, index) => index + 1),
      );
      assert.equal(new Set(counted.map(({ expires_at }) => expires_at)).size, 1);
      const end = counted[0]?.expires_at ?? 0;
      assert.equal((await both[1].limits.count('b', NOW, 60)).count, 1);
      assert.deepEqual(await both[1].limits.count('a', end, 60), { count: 1, expires_at: end + 60 });
      await both[0].sweep(end + 60);
      assert.equal((await both[1].limits.count('a', end + 59, 60)).count, 1);
    });

    it('failures are counted once each, over all handles, until one has been the last for long enough', async (t) => {
      const both = await handles(await freshStore(driver, t));
      const counted = await parallel(both, (stores) => stores.limits.fail('a', NOW, 60));
      assert.deepEqual(
        counted.map(({ count }) => count).sort((a, b) => a - b),
        Array.from({ length: CALLERS }, (_, index) => index + 1),
      );
      const [first, second] = both.map(({ limits }) => limits);
      assert.deepEqual(await second?.fail('a', NOW + 50, 60), { count: CALLERS + 1, expires_at: NOW + 110 });
      assert.deepEqual(await first?.peek('a', NOW + 109), { count: CALLERS + 1, expires_at: NOW + 110 });
      assert.equal(await first?.peek('a', NOW + 110), undefined);
      assert.equal(await first?.peek('b', NOW), undefined);
      assert.deepEqual(await second?.fail('a', NOW + 110, 60), { count: 1, expires_at: NOW + 170 });
      await first?.fail('b', NOW, 60);
      await second?.clear('a');
      assert.equal(await first?.peek('a', NOW + 110), undefined);
      assert.equal((await first?.peek('b', NOW))?.count, 1);
    });

    it('parallel requests of one party file one item (ATK-26)', async (t) => {
      const both = await handles(await freshStore(driver, t));
      const filed = await parallel(both, (stores, index) => stores.requests.file(request(`q-${index}`)));
      assert.equal(filed.filter(({ created }) => created).length, 1);
      assert.equal(new Set(filed.map(({ request: { id } }) => id)).size, 1);
      const decided = await parallel(both, (stores) =>
        stores.requests.decide(filed[0]?.request.id ?? '', 'alice', ['pending'], { status: 'denied', decided_at: NOW }),
      );
      assert.equal(decided.filter((item) => item !== undefined).length, 1);
    });

    it('all who start at once end with the same first key', async (t) => {
      const both = await handles(await freshStore(driver, t));
      const lists = await parallel(both, (stores, index) =>
        stores.keys.addFirst({ kid: `k-${index}`, jwk: {}, created_at: index }),
      );
      assert.equal(new Set(lists.map((list) => JSON.stringify(list))).size, 1);
    });

    it('over two processes each ticket is taken once (GRANT-5.5-02)', async (t) => {
      const subject = await freshStore(driver, t);
      if (subject.elsewhere === undefined) return t.skip('this driver keeps to one process');
      const keys = Array.from({ length: 300 }, (_, index) => `k-${index}`);
      for (const key of keys) await subject.stores.tickets.put(ticket(key));
      const racers = await Promise.all([startProcess(t, subject.elsewhere), startProcess(t, subject.elsewhere)]);
      const won = await Promise.all(racers.map((racer) => racer.ask('take', keys)));
      assert.deepEqual(won.flat().sort(), keys.toSorted());
    });
  });
}
