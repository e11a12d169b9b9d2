import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from '../server/http/harness.ts';
import { chanceOf, mutated } from './bytes.ts';
import { fuzz, GROWTH } from './fuzz.ts';

test('4,000 changed inputs at every parser: no 5xx, nothing unanswered, no growth of memory (npm run test:fuzz has 100,000)', async () => {
  const { faults, growth, places, statuses } = await fuzz({ inputs: 4000, seed: 4711 });
  assert.deepEqual(faults, []);
  assert.ok(growth <= GROWTH, `${growth} bytes more`);
  // What was changed was reached: not everything ends at the door.
  for (const status of ['200', '201', '400', '401', '403', '404']) assert.ok((statuses[status] ?? 0) > 0, status);
  assert.ok(Object.keys(places).length > 30);
});

test('the same seed makes the same inputs', () => {
  const make = (seed: number) => mutated(Buffer.from('abcdefghijklmnop'), chanceOf(seed)).toString('hex');
  assert.equal(make(7), make(7));
  assert.notEqual(make(7), make(8));
});

test('found by it: a user code that comes without a session of this browser is refused on a page, where it was 500', async () => {
  await using as = await start();
  for (const cookie of ['', '_session=nobody-has-it'])
    assert.equal((await as.post('/device', { user_code: 'ABCD-EFGH' }, undefined, { cookie })).status, 400);
  assert.deepEqual(as.logged, []);
});
