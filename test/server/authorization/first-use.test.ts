import assert from 'node:assert/strict';
import { it } from 'node:test';
import { UmaError } from '../../../src/protocol/errors.ts';
import { firstUse } from '../../../src/server/authorization/first-use.ts';
import { openStores } from '../../../src/server/stores/open.ts';

const PARTY = { iss: 'https://as.example', sub: 'bob' };

it('a use is told once by all processes on one store, to the owner of each resource; a known RPT costs no look at the store', async (context) => {
  const stores = await openStores({});
  context.after(() => stores.close());
  for (const owner of ['alice', 'chris'])
    await stores.resources.create({
      id: `photo of ${owner}`,
      owner,
      rs: 'album',
      description: { resource_scopes: ['view'] },
      created_at: 1,
      updated_at: 1,
    } as never);
  const permissions = ['alice', 'chris', 'nobody'].map((owner) => ({
    resource_id: `photo of ${owner}`,
    resource_scopes: ['view'],
  }));
  const rpt = {
    key: 'key',
    chain: 'chain',
    owner: 'album',
    rs: 'album',
    client_id: 'viewer',
    party: PARTY,
    permissions,
    issued_at: 1,
    expires_at: 100,
  };
  let looks = 0;
  const once: typeof stores.once = {
    first(...parts) {
      looks += 1;
      return stores.once.first(...parts);
    },
  };
  const [one, two] = [firstUse({ ...stores, once }), firstUse({ ...stores, once })];
  await Promise.all([one(rpt, permissions, 10), two(rpt, permissions, 10)]);
  await one(rpt, permissions, 11);
  await two(rpt, permissions, 11);
  assert.equal(looks, 2);
  for (const owner of ['alice', 'chris']) {
    const { items } = await stores.history.list(owner, {}, { limit: 10 });
    assert.deepEqual(
      items.map(({ type, resource_id, at }) => [type, resource_id, at]),
      [['rpt_used', `photo of ${owner}`, 10]],
    );
  }
});

it('a store that cannot write just now stops nobody; the use is told the next time', async (context) => {
  const stores = await openStores({});
  context.after(() => stores.close());
  await stores.resources.create({
    id: 'photo',
    owner: 'alice',
    rs: 'album',
    description: { resource_scopes: ['view'] },
    created_at: 1,
    updated_at: 1,
  } as never);
  const rpt = { key: 'key', client_id: 'viewer', party: PARTY, expires_at: 100 } as never;
  const permissions = [{ resource_id: 'photo', resource_scopes: ['view'] }];
  let full = true;
  const once: typeof stores.once = {
    async first(...parts) {
      if (full) throw new UmaError('network', 'store_unavailable', 'the disk is full');
      return stores.once.first(...parts);
    },
  };
  const used = firstUse({ ...stores, once });
  await used(rpt, permissions, 10);
  full = false;
  await used(rpt, permissions, 11);
  const { items } = await stores.history.list('alice', {}, { limit: 10 });
  assert.deepEqual(
    items.map(({ type, at }) => [type, at]),
    [['rpt_used', 11]],
  );
  const broken = firstUse({ ...stores, once: { first: () => Promise.reject(new Error('broken')) } });
  await assert.rejects(broken(rpt, permissions, 10), /broken/);
});
