/** Level 5: what was acknowledged is there after the writer was killed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE_PHOTOS, freshStore, NOW, policy, resource, type StoreDriver } from './fixtures.ts';
import { startProcess } from './processes.ts';

export function durabilityLevel(driver: StoreDriver): void {
  describe(`${driver.name}: durability`, () => {
    it('what a process acknowledged outlives its SIGKILL', async (t) => {
      const { stores, again, elsewhere } = await freshStore(driver, t);
      assert.ok(elsewhere !== undefined && again !== undefined, 'a durable driver can be opened elsewhere');
      await stores.close();
      const writer = await startProcess(t, elsewhere);
      const ids = await writer.ask('write', ['photo', 'album']);
      assert.deepEqual(ids, ['photo', 'album']);
      await writer.kill();
      const found = await again();
      assert.deepEqual(await found.resources.ids(ALICE_PHOTOS), ids);
      assert.deepEqual(await found.resources.get('photo'), resource('photo'));
      assert.deepEqual(await found.policies.get('policy-of-photo', 'alice'), policy('policy-of-photo'));
      assert.deepEqual(await found.tickets.take('used-photo', NOW, 'app'), {
        kind: 'used',
        chain: 'chain-of-used-photo',
        client_id: 'app',
      });
      assert.equal((await found.tickets.take('open-photo', NOW, 'app')).kind, 'taken');
      assert.equal((await found.requests.get('request-of-photo', 'alice'))?.status, 'approved');
      assert.equal(await found.rpts.get('revoked-photo', NOW), undefined);
      assert.ok(await found.rpts.get('rpt-photo', NOW));
    });
  });
}
