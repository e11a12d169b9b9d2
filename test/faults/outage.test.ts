// PostgreSQL is stopped and started again under the load of three instances, which stay as they are.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { startPostgres } from '../../scripts/postgres.ts';
import type { Answer } from '../server/http/harness.ts';
import { instances } from './instances.ts';
import { counts } from './report.ts';

const ROUNDS = 3;
const CLIENTS = 12;
/** Answers of each kind that are waited for before the next turn. */
const ENOUGH = 60;

test('PostgreSQL stopped and started under load: each answer is whole or a 503 with Retry-After, and no instance has to be started again', async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres.remove());
  const env = { UMA_STORE: postgres.url, UMA_STORE_KEY: randomBytes(32).toString('base64') };
  const as = await instances(t, { name: 'PostgreSQL', args: [], env }, 3);
  const pids = as.members.map(({ child }) => child.pid);
  const pat = await as.pat();
  const acknowledged: string[] = [];
  const refused: Answer[] = [];
  const other: Answer[] = [];
  let over = false;
  const wake = new Set<() => void>();
  const client = async () => {
    while (!over) {
      const answer = await as.json('POST', '/resource_set', pat, { resource_scopes: ['view'] });
      if (answer.status === 201) acknowledged.push(answer.body._id as string);
      else (answer.status === 503 ? refused : other).push(answer);
      for (const look of wake) look();
    }
  };
  const more = (of: readonly unknown[]) => {
    const enough = of.length + ENOUGH;
    return new Promise<void>((resolve) => {
      const look = () => {
        if (of.length < enough) return;
        wake.delete(look);
        resolve();
      };
      wake.add(look);
    });
  };
  const load = Promise.all(Array.from({ length: CLIENTS }, client));
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.race([more(acknowledged), load]);
    postgres.stop();
    await Promise.race([more(refused), load]);
    postgres.start();
  }
  await Promise.race([more(acknowledged), load]);
  over = true;
  await load;

  const count = counts(`PostgreSQL stopped and started under load, ${ROUNDS} times`, 'PostgreSQL, 3 instances');
  const clear = refused.filter(
    ({ headers, body }) =>
      Number(headers.get('retry-after')) > 0 &&
      headers.get('cache-control') === 'no-store' &&
      body.error === 'temporarily_unavailable',
  );
  count('503 with Retry-After', clear.length, refused.length);
  count('503', refused.length, `at least ${ROUNDS * ENOUGH}`);
  count('answers that are neither 201 nor 503', other.length, 0);
  count('instances that run on', as.members.filter(({ child }) => child.exitCode === null).length, 3);
  assert.deepEqual(
    as.members.map(({ child }) => child.pid),
    pids,
  );
  const ids = new Set((await as.json('GET', '/resource_set', pat)).body as string[]);
  count(
    'acknowledged registrations, still there',
    acknowledged.filter((id) => ids.has(id)).length,
    acknowledged.length,
  );
  const said = as.members
    .flatMap(({ said }) => said.join('').split('\n'))
    .filter((line) => line.includes('the store does not answer'));
  count('lines of the log about it', said.length, `at most ${3 * (ROUNDS + 2)}`);
});
