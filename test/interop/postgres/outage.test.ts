// The database goes away under a running server and comes back: on a cluster of its own. Under load: test/faults/outage.test.ts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Postgres, startPostgres } from '../../../scripts/postgres.ts';
import { CLIENT, type Harness, RS, start } from '../../server/http/harness.ts';
import { STORE_KEY } from './peer.ts';

let postgres: Postgres;
let as: Harness;
before(async () => {
  postgres = await startPostgres();
  as = await start({ store: { url: postgres.url }, storeKey: STORE_KEY });
});
after(async () => {
  await as?.server.close();
  postgres?.remove();
});

const refused = (answer: Awaited<ReturnType<Harness['send']>>) => {
  assert.equal(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.body.error, 'temporarily_unavailable');
  assert.doesNotMatch(answer.text, /127\.0\.0\.1|password|terminat|connect/i);
};

test('while it is stopped every endpoint says 503 with Retry-After; started again, all goes on without a restart', async () => {
  const pat = await as.pat();
  const id = await as.register(pat);
  await as.allow(id);
  const claims = await as.claimToken();
  const rpt = await as.rpt(pat, id);
  const ticket = await as.ticket(pat, id);
  for (let round = 0; round < 2; round += 1) {
    as.logged.length = 0;
    postgres.stop();
    const asked = await Promise.all([
      as.json('GET', `/resource_set/${id}`, pat),
      as.json('POST', '/permission', pat, { resource_id: id, resource_scopes: ['view'] }),
      as.post('/introspect', { token: rpt }, pat),
      as.redeem(ticket, claims),
      as.post('/token', { grant_type: 'client_credentials', scope: 'uma_protection' }, RS),
      as.post('/revoke', { token: rpt }, CLIENT),
      as.json('GET', '/owner/requests', rpt),
    ]);
    for (const answer of asked) refused(answer);
    assert.equal((await as.send('/health')).status, 200);
    assert.equal((await as.send('/.well-known/uma2-configuration')).status, 200);
    assert.equal(as.logged.length <= 1, true, 'one line for the outage, not one a request');
    postgres.start();
    const back = await as.post('/introspect', { token: rpt }, pat);
    assert.deepEqual([back.status, back.body.active], [200, true], back.text);
  }
  assert.equal((await as.redeem(ticket, claims)).status, 200, 'a 503 has not used the ticket up');
});
