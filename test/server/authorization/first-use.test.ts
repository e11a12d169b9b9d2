import assert from 'node:assert/strict';
import { it } from 'node:test';
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
