/** Level 3: owners and resource servers do not see, change or remove each other's things. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ALICE_PHOTOS,
  BOB,
  DOMAINS,
  DORA_FILES,
  freshStore,
  NOW,
  nameOf,
  policy,
  request,
  resource,
  rpt,
  type StoreDriver,
} from './fixtures.ts';

export function isolationLevel(driver: StoreDriver): void {
  describe(`${driver.name}: isolation`, () => {
    it('a resource exists only for its owner and resource server (FED-1.3-05, ATK-14)', async (t) => {
      const { resources } = (await freshStore(driver, t)).stores;
      for (const domain of DOMAINS) await resources.create(resource(nameOf(domain), domain));
      for (const domain of DOMAINS) {
        assert.deepEqual(await resources.ids(domain), [nameOf(domain)]);
        for (const foreign of DOMAINS.filter((other) => other !== domain)) {
          const id = nameOf(foreign);
          assert.equal(await resources.find(id, domain), undefined);
          assert.equal(await resources.update(id, domain, { resource_scopes: ['stolen'] }, NOW + 1), false);
          assert.equal(await resources.delete(id, domain), false);
        }
      }
      for (const domain of DOMAINS) {
        assert.deepEqual(await resources.find(nameOf(domain), domain), resource(nameOf(domain), domain));
      }
      const owned = await resources.ofOwner('alice', { limit: 10 });
      assert.deepEqual(
        owned.items.map(({ id }) => id),
        ['alice-photos', 'alice-files'],
      );
    });

    it("policies are the owner's own", async (t) => {
      const { policies } = (await freshStore(driver, t)).stores;
      await policies.create(policy('a'));
      await policies.create(policy('d', { owner: 'dora', resource_id: 'poster' }));
      assert.equal(await policies.get('a', 'dora'), undefined);
      const description = { resource_id: 'photo', effect: 'allow', subject: { anyone: true } } as const;
      assert.equal(await policies.update('a', 'dora', description, NOW + 1), undefined);
      assert.equal(await policies.delete('a', 'dora'), undefined);
      assert.deepEqual(await policies.list('dora', { resource_id: 'photo' }, { limit: 10 }), { items: [] });
      assert.deepEqual((await policies.list('dora', {}, { limit: 10 })).items.length, 1);
      assert.deepEqual(await policies.ofResources(['photo']), [policy('a')]);
    });

    it("requests and history are the owner's own", async (t) => {
      const { requests, history } = (await freshStore(driver, t)).stores;
      await requests.file(request('a'));
      await requests.file(request('d', { owner: 'dora', resource_id: 'poster' }));
      assert.equal(await requests.get('a', 'dora'), undefined);
      const decision = { status: 'approved', decided_at: NOW } as const;
      assert.equal(await requests.decide('a', 'dora', ['pending'], decision), undefined);
      assert.deepEqual(await requests.get('a', 'alice'), request('a'));
      assert.deepEqual((await requests.list('dora', {}, { limit: 10 })).items.length, 1);
      await history.append({ id: '1', owner: 'alice', type: 'rpt_issued', at: NOW });
      assert.deepEqual(await history.list('dora', {}, { limit: 10 }), { items: [] });
    });

    it('withdrawing touches only the owner and resource server named', async (t) => {
      const { rpts } = (await freshStore(driver, t)).stores;
      const key = (domain: (typeof DOMAINS)[number], index: number) => `${nameOf(domain)}-${index}`;
      for (const domain of DOMAINS) for (const index of [1, 2]) await rpts.put(rpt(key(domain, index), domain));
      assert.equal(await rpts.revoke({ ...ALICE_PHOTOS, party: BOB }), 2);
      assert.equal(await rpts.withdraw('photo', DORA_FILES), 2);
      for (const domain of DOMAINS) {
        const gone = domain === ALICE_PHOTOS || domain === DORA_FILES;
        for (const index of [1, 2]) assert.equal((await rpts.get(key(domain, index), NOW)) === undefined, gone);
      }
    });
  });
}
