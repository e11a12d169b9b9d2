import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readinessOf } from '../../../src/server/operation/readiness.ts';
import { start } from '../http/harness.ts';

const stores = (list: () => Promise<unknown[]>) => ({ keys: { list } }) as never;
const key = { kid: '1', jwk: {}, created_at: 0 };

test('ready: the store answers, there are keys, and it is not closing', async () => {
  await using as = await start();
  const { server } = as as unknown as { server: { ready(): Promise<unknown>; close(): Promise<void> } };
  assert.deepEqual(await server.ready(), { status: 'ready', checks: { store: 'ok', keys: 'ok', server: 'ok' } });
  await server.close();
  assert.deepEqual(await server.ready(), {
    status: 'not_ready',
    checks: { store: 'unknown', keys: 'unknown', server: 'closing' },
  });
});

test('not ready: a store that fails, that never answers, that has no keys', async (t) => {
  const failed = await readinessOf(
    stores(() => Promise.reject(new Error('down'))),
    false,
  );
  assert.deepEqual([failed.status, failed.checks.store], ['not_ready', 'failed']);
  const empty = await readinessOf(
    stores(async () => []),
    false,
  );
  assert.deepEqual([empty.status, empty.checks], ['not_ready', { store: 'ok', keys: 'failed', server: 'ok' }]);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const waiting = readinessOf(
    stores(() => new Promise(() => {})),
    false,
  );
  t.mock.timers.tick(2000);
  assert.equal((await waiting).checks.store, 'failed');
  assert.equal(
    (
      await readinessOf(
        stores(async () => [key]),
        false,
      )
    ).status,
    'ready',
  );
});
