import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import fc from 'fast-check';
import {
  ALICE_PHOTOS,
  artifact,
  BOB,
  DORA_FILES,
  NOW,
  policy,
  refresh,
  request,
  resource,
  rpt,
  ticket,
} from '../../../src/server/stores/conformance/fixtures.ts';
import { openMemory } from '../../../src/server/stores/memory.ts';
import { openSqlite } from '../../../src/server/stores/sqlite.ts';
import type { Stores } from '../../../src/server/stores/types.ts';

type Step = (stores: Stores) => Promise<unknown>;

/** Everything whose answers a store in memory keeps. */
const reads: Step[] = [
  ({ rpts }) => rpts.get('a', NOW),
  ({ rpts }) => rpts.get('b', NOW),
  ({ rpts }) => rpts.get('a', NOW + 9999),
  ({ rpts }) => rpts.get('a', NOW + 9999, { allowExpired: true }),
  ({ refreshes }) => refreshes.get('a', NOW),
  ({ refreshes }) => refreshes.get('b', NOW, { allowUsed: true }),
  ({ artifacts }) => artifacts.payload('AccessToken', 't', NOW),
  ({ artifacts }) => artifacts.payload('AccessToken', 't', NOW + 9999),
  ({ resources }) => resources.find('photo', ALICE_PHOTOS),
  ({ resources }) => resources.find('photo', DORA_FILES),
  ({ policies }) => policies.ofResources(['photo', 'film']),
  ({ requests }) => requests.denied(['photo'], BOB),
  ({ decisions }) => decisions.version('alice'),
];

/** Every kind of write to what they read; most of them find their subject only in some orders. */
const writes: Step[] = [
  ({ rpts }) => rpts.put(rpt('a')),
  ({ rpts }) => rpts.put(rpt('b', { chain: 'chain-of-a' })),
  ({ rpts }) => rpts.delete('a'),
  ({ rpts }) => rpts.revoke({ chain: 'chain-of-a' }),
  ({ rpts }) => rpts.revoke({ party: BOB, client_id: 'app' }),
  ({ rpts }) => rpts.withdraw('photo', { owner: 'alice' }),
  ({ rpts }) =>
    rpts.put(
      rpt('b', { permissions: ['photo', 'film'].map((id) => ({ resource_id: id, resource_scopes: ['view'] })) }),
    ),
  ({ tickets }) => tickets.put(ticket('a')),
  ({ tickets }) => tickets.put(ticket('b', { client_id: 'app' })),
  ({ tickets }) => tickets.bind('a', NOW, 'app'),
  ({ tickets }) => tickets.take('a', NOW, 'app'),
  ({ tickets }) => tickets.take('a', NOW),
  ({ tickets }) => tickets.take('b', NOW, 'other'),
  ({ tickets }) => tickets.take('b', NOW + 9999, 'app'),
  ({ refreshes }) => refreshes.put(refresh('a')),
  ({ refreshes }) => refreshes.put(refresh('b', { family: 'family-of-a', chain: 'chain-of-a' })),
  ({ refreshes }) => refreshes.take('a', NOW, 'app'),
  ({ refreshes }) => refreshes.take('a', NOW, 'other'),
  ({ refreshes }) => refreshes.delete('b'),
  ({ refreshes }) => refreshes.revokeFamily('family-of-a'),
  ({ refreshes }) => refreshes.revoke({ chain: 'chain-of-a', client_id: 'app' }),
  ({ refreshes }) => refreshes.withdraw('photo', {}),
  ({ artifacts }) => artifacts.put(artifact('AccessToken', 't', { grant_id: 'g' })),
  ({ artifacts }) => artifacts.put(artifact('AccessToken', 't', { payload: { scope: 'less' } })),
  ({ artifacts }) => artifacts.delete('AccessToken', 't'),
  ({ artifacts }) => artifacts.deleteByGrant('g'),
  ({ resources }) => resources.create(resource('photo')),
  ({ resources }) => resources.update('photo', ALICE_PHOTOS, { resource_scopes: ['view'] }, NOW + 1),
  ({ resources }) => resources.delete('photo', ALICE_PHOTOS),
  ({ policies }) => policies.create(policy('p')),
  ({ policies }) => policies.create(policy('q')),
  ({ policies }) => policies.update('p', 'alice', policy('p', { resource_id: 'film' }), NOW + 1),
  ({ policies }) => policies.delete('p', 'alice'),
  ({ policies }) => policies.deleteOfResource('photo'),
  ({ requests }) => requests.file(request('r')),
  ({ requests }) => requests.decide('r', 'alice', ['pending'], { status: 'denied', decided_at: NOW }),
  ({ requests }) => requests.decide('r', 'alice', ['denied'], { status: 'approved', decided_at: NOW }),
  ({ requests }) => requests.delete('photo'),
  ({ sweep }) => sweep(NOW + 100),
  ({ sweep }) => sweep(NOW + 200_000),
];

/** What a step gives; a refused write (the same id twice) is an answer as well. */
const outcome = (step: Step, stores: Stores): Promise<unknown> =>
  step(stores).catch((error: Error) => ({ refused: error.name }));

it('a store in memory, which keeps what it has read, answers as one on file, which reads each time', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'uma-recent-'));
  context.after(() => rmSync(directory, { recursive: true }));
  let run = 0;
  const steps = fc.array(fc.nat({ max: writes.length - 1 }), { minLength: 5, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (order) => {
      run += 1;
      const memory = await openMemory();
      const inSqlite = await openSqlite();
      const file = await openSqlite({ path: join(directory, `${run}.db`) });
      try {
        for (const index of order) {
          const write = writes[index]!;
          const [first, ...others] = [file, memory, inSqlite] as const;
          const expected = await outcome(write, first);
          for (const other of others) assert.deepEqual(await outcome(write, other), expected, `write ${index}`);
          for (const [which, read] of reads.entries()) {
            const found = await read(first);
            for (const other of others)
              assert.deepEqual(await read(other), found, `read ${which} after write ${index}`);
          }
        }
      } finally {
        await memory.close();
        await inSqlite.close();
        await file.close();
      }
    }),
    {
      numRuns: 80,
      // A ticket that was bound, and is taken by nobody in particular.
      examples: [[[7, 9, 0, 0, 0, 10, 0]]],
    },
  );
});

for (const [place, open] of [['SQLite in memory', openSqlite] as const, ['memory', openMemory] as const])
  it(`${place}: what is given again cannot be changed by who got it`, async () => {
    const stores = await open();
    await stores.rpts.put(rpt('a'));
    // Kept from the second time on.
    await stores.rpts.get('a', NOW);
    const record = (await stores.rpts.get('a', NOW))!;
    assert.equal(await stores.rpts.get('a', NOW), record);
    assert.throws(() => record.permissions.push({ resource_id: 'film', resource_scopes: [] }), TypeError);
    assert.throws(() => record.permissions[0]!.resource_scopes.push('download'), TypeError);
    await stores.close();
  });

it('a file keeps nothing: what another process withdraws is gone at once', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'uma-recent-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'uma.db');
  const [here, there] = [await openSqlite({ path }), await openSqlite({ path })];
  await here.rpts.put(rpt('a'));
  assert.ok(await here.rpts.get('a', NOW));
  await there.rpts.delete('a');
  assert.equal(await here.rpts.get('a', NOW), undefined);
  await here.close();
  await there.close();
});
