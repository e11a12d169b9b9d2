// kill -9 of an instance under load, again and again: what it acknowledged is there afterwards, and no ticket gave two RPTs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStores } from '../../src/server/stores/open.ts';
import type { Answer } from '../server/http/harness.ts';
import { type Instances, instances, onFile, type Place } from './instances.ts';
import { onPostgres } from './places.ts';
import { counts } from './report.ts';

const KILLS = 20;
/** Whole rounds of the load that are acknowledged before the next kill. */
const ROUNDS = 4;
const CLIENTS = 6;

/** What the clients of the server have been told. */
class Acknowledged {
  readonly registered: string[] = [];
  readonly approved: string[] = [];
  readonly revoked: { id: string; rpt: string }[] = [];
  /** RPTs that came back for each ticket, over all tries. */
  readonly redeemed = new Map<string, number>();
  rounds = 0;
  broken = 0;
}

/** A request that is sent again until it is answered: what became of a broken one is not known. */
async function answered(as: Instances, seen: Acknowledged, work: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await work();
    } catch {
      seen.broken += 1;
      await as.up;
    }
  }
}

/** Register, ask, approve, redeem (each ticket twice at once), and for every other resource take it back. */
async function load(as: Instances, seen: Acknowledged, until: () => boolean): Promise<void> {
  const again = (work: () => Promise<Answer>) => answered(as, seen, work);
  const [pat, token, claims] = [await as.pat(), await as.ownerToken(), await as.claimToken()];
  const redeem = async (ticket: string) => {
    const answers = await Promise.all([again(() => as.redeem(ticket, claims)), again(() => as.redeem(ticket, claims))]);
    const granted = answers.filter(({ status }) => status === 200);
    seen.redeemed.set(ticket, (seen.redeemed.get(ticket) ?? 0) + granted.length);
    return { granted: granted[0], submitted: answers.find(({ body }) => body?.error === 'request_submitted') };
  };
  for (let round = 0; !until(); round += 1) {
    const id = (await again(() => as.json('POST', '/resource_set', pat, { resource_scopes: ['view'] }))).body
      ._id as string;
    seen.registered.push(id);
    const permission = { resource_id: id, resource_scopes: ['view'] };
    const ticket = async () =>
      (await again(() => as.json('POST', '/permission', pat, permission))).body.ticket as string;
    await redeem(await ticket());
    const { body } = await again(() => as.json('GET', '/owner/requests?status=pending&limit=200', token));
    const pending = (body.requests as { id: string; resource_id: string }[]).find((item) => item.resource_id === id);
    // Both tries of the ticket may have broken after it was used and before the request was filed.
    if (pending === undefined) continue;
    const approval = await again(() => as.json('POST', `/owner/requests/${pending.id}/approve`, token, {}));
    // 409: an approval that broke was done.
    assert.ok([200, 409].includes(approval.status), approval.text);
    seen.approved.push(id);
    const { granted } = await redeem(await ticket());
    const party = { iss: as.server.issuer, sub: 'bob' };
    if (round % 2 === 1 && granted !== undefined) {
      const revocation = await again(() => as.json('POST', '/owner/revocations', token, { resource_id: id, party }));
      assert.equal(revocation.status, 200, revocation.text);
      seen.revoked.push({ id, rpt: granted.body.access_token as string });
    }
    seen.rounds += 1;
  }
}

async function killing(as: Instances, store: string): Promise<void> {
  const seen = new Acknowledged();
  let kills = 0;
  const done = Promise.all(Array.from({ length: CLIENTS }, () => load(as, seen, () => kills === KILLS)));
  for (; kills < KILLS; kills += 1) {
    const enough = seen.rounds + ROUNDS;
    while (seen.rounds < enough) await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 5))]);
    await as.kill(as.members[0]!);
    await as.launch();
  }
  await done;

  const count = counts(`kill -9 under load, ${KILLS} times`, store);
  count('connections that broke', seen.broken, 'at least 1');
  const pat = await as.pat();
  const ids = new Set((await as.json('GET', '/resource_set', pat)).body as string[]);
  const { length: registrations } = seen.registered;
  count('acknowledged registrations, still there', seen.registered.filter((id) => ids.has(id)).length, registrations);

  const revoked = new Set(seen.revoked.map(({ id }) => id));
  const kept = seen.approved.filter((id) => !revoked.has(id));
  const claims = await as.claimToken();
  const status = async (id: string) => (await as.redeem(await as.ticket(pat, id), claims)).status;
  const statuses = async (of: Iterable<string>) => Promise.all([...of].map(status));
  count(
    'acknowledged approvals, still good',
    (await statuses(kept)).filter((code) => code === 200).length,
    kept.length,
  );
  count(
    'acknowledged revocations, still refused',
    (await statuses(revoked)).filter((code) => code === 403).length,
    revoked.size,
  );
  const alive = await Promise.all(
    seen.revoked.map(async ({ rpt }) => (await as.post('/introspect', { token: rpt }, pat)).body.active as boolean),
  );
  count('revoked RPTs that are active', alive.filter(Boolean).length, 0);
  count('tickets redeemed', [...seen.redeemed.values()].filter((times) => times > 0).length, 'at least 1');
  count('tickets redeemed twice', [...seen.redeemed.values()].filter((times) => times > 1).length, 0);
}

/** RPTs of each authorization process, as they are stored: also those whose answer nobody got. */
async function chainsWithTwoRpts({ args: [, dataDir], env }: Place): Promise<number> {
  const { UMA_STORE: url, UMA_STORE_KEY: key } = env;
  const stores = await openStores(url === undefined ? { dataDir } : { store: { url }, key });
  const chains = new Map<string, number>();
  for await (const { kind, record } of stores.records())
    if (kind === 'rpt') chains.set(record.chain, (chains.get(record.chain) ?? 0) + 1);
  await stores.close();
  assert.ok(chains.size > 0);
  return [...chains.values()].filter((rpts) => rpts > 1).length;
}

const PLACES = [
  ['a SQLite file', onFile, 1],
  ['PostgreSQL, one of three instances', onPostgres, 3],
] as const;

for (const [name, where, number] of PLACES) {
  test(`ATK-21, GRANT-5.5-02: kill -9 under load ${KILLS} times, on ${name}: nothing acknowledged is lost`, async (t) => {
    const place = await where(t);
    const as = await instances(t, place, number);
    await killing(as, place.name);
    await as.stop();
    const count = counts(`kill -9 under load, ${KILLS} times`, place.name);
    count('processes with two RPTs in the store', await chainsWithTwoRpts(place), 0);
  });
}
