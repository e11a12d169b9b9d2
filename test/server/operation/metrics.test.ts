import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createMetrics } from '../../../src/server/operation/metrics.ts';
import { CLIENT, start } from '../http/harness.ts';

/** Values of all series by name and labels, as a scrape has them. */
function read(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('counts requests, tickets, outcomes, RPTs, introspections, sign-ins and calls of the store', async () => {
  const metrics = createMetrics({ version: '1.2.3' });
  await using as = await start({ watchers: [metrics] });
  const pat = await as.pat();
  const id = await as.register(pat);
  await as.redeem(await as.ticket(pat, id), await as.claimToken());
  await as.allow(id);
  const rpt = await as.rpt(pat, id);
  await as.post('/introspect', { token: rpt }, pat);
  await as.post('/introspect', { token: 'nobody-knows' }, pat);
  await as.post('/token', { grant_type: 'password', username: 'bob', password: 'guess' }, CLIENT);
  await as.redeem('nobody-knows');
  await as.redeem('nobody-knows', undefined, {}, 'UmaClient:guess');
  await as.redeem('nobody-knows', undefined, { claim_token: 'x'.repeat(60_000) });

  const seen = read(await metrics.registry.metrics());
  const expected = {
    uma_tickets_issued_total: 2,
    'uma_outcomes_total{outcome="request_submitted"}': 1,
    'uma_outcomes_total{outcome="granted"}': 1,
    'uma_outcomes_total{outcome="invalid_grant"}': 1,
    'uma_rpts_issued_total{for="ticket"}': 1,
    'uma_introspections_total{answer="active"}': 1,
    'uma_introspections_total{answer="not_an_rpt"}': 1,
    'uma_token_requests_total{grant_type="password",outcome="invalid_grant"}': 1,
    'uma_token_requests_total{grant_type="uma-ticket",outcome="granted"}': 1,
    'uma_token_requests_total{grant_type="uma-ticket",outcome="invalid_client"}': 1,
    'uma_token_requests_total{grant_type="other",outcome="invalid_request"}': 1,
    'uma_sign_ins_total{outcome="refused"}': 1,
    'uma_http_request_duration_seconds_count{route="/resource_set",method="POST",status="201"}': 1,
    'uma_http_request_duration_seconds_count{route="/introspect",method="POST",status="200"}': 2,
    'uma_store_duration_seconds_count{store="resources",operation="create",result="ok"}': 1,
    'uma_build_info{version="1.2.3"}': 1,
  };
  for (const [series, value] of Object.entries(expected)) assert.equal(seen.get(series), value, series);
  assert.ok((seen.get('process_resident_memory_bytes') ?? 0) > 0);
  assert.ok(seen.has('nodejs_eventloop_lag_p99_seconds'));
});

test('a peer cannot make series: paths, methods, grant types, errors and ids of its own are no labels', async () => {
  const metrics = createMetrics({ version: '0' });
  await using as = await start({ watchers: [metrics] });
  const pat = await as.pat();
  const some = async (n: number) => {
    await as.send(`/nowhere/${n}`);
    await as.json('GET', `/resource_set/id-${n}`, pat);
    await as.send(`/resource_set?x=${n}`, { method: 'PUT' });
    await as.post('/token', { grant_type: `grant-${n}` }, CLIENT);
    await as.post('/token', { grant_type: 'password' }, `client-${n}:secret`);
  };
  await some(1);
  // The others are Node's own: kinds of handles come and go.
  const ours = async () =>
    [...read(await metrics.registry.metrics()).keys()].filter((series) => series.startsWith('uma_'));
  const before = await ours();
  for (let n = 2; n < 40; n += 1) await some(n);
  const after = await ours();
  assert.ok(after.some((series) => series.includes('grant_type="other"')));
  assert.deepEqual(after, before);
});

test('what the store does not do is counted as failed, and passed on', async () => {
  const metrics = createMetrics({ version: '0' });
  const failing = { keys: { list: () => Promise.reject(new Error('down')) } };
  const stores = metrics.stores?.(failing as never);
  await assert.rejects(stores!.keys.list(), /down/);
  const seen = read(await metrics.registry.metrics());
  assert.equal(seen.get('uma_store_duration_seconds_count{store="keys",operation="list",result="failed"}'), 1);
});

test('docs/operation.md names every metric of ours', () => {
  const page = readFileSync(new URL('../../../docs/operation.md', import.meta.url), 'utf8');
  const ours = createMetrics({ version: '0' })
    .registry.getMetricsAsArray()
    .map(({ name }) => name)
    .filter((name) => name.startsWith('uma_'));
  assert.ok(ours.length >= 10);
  assert.deepEqual(ours.toSorted(), [...page.matchAll(/^\| `(uma_\w+)`/gm)].map(([, name]) => name).toSorted());
});
