// The clock of the machine moves under a running server: libfaketime gives the process another time of day, its timers go on as they were.
import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../cli/uma.ts';
import { CLIENT } from '../server/http/harness.ts';
import { Instances, onFile, type Place } from './instances.ts';
import { onPostgres } from './places.ts';
import { counts } from './report.ts';

const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
if (library === undefined) throw new Error('libfaketime is not installed (apt-get install libfaketime)');
const preload = library;

/** Seconds by which the clock of a server is off; it looks at every call. */
class Clock {
  readonly #file = join(temporaryDirectory(), 'offset');
  readonly env: Record<string, string>;
  constructor() {
    this.off(0);
    this.env = {
      LD_PRELOAD: preload,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }
  off(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}`);
  }
}

const PLACES: [string, (t: Parameters<typeof onPostgres>[0]) => Place | Promise<Place>][] = [
  ['a SQLite file', onFile],
  ['PostgreSQL', onPostgres],
];

for (const [name, where] of PLACES) {
  test(`the clock moves forward and back under a server on ${name}: tokens end when they should, and it goes on`, async (t) => {
    const place = await where(t);
    const clock = new Clock();
    const as = new Instances(place);
    t.after(() => as.stop());
    await as.launch(clock.env);
    const count = counts('clock moved', place.name);
    const pat = await as.pat();
    const id = await as.register(pat);
    await as.allow(id);
    const claims = await as.claimToken();
    const [ticket, unused] = [await as.ticket(pat, id), await as.ticket(pat, id)];
    const { body: tokens } = await as.redeem(ticket, claims);
    const active = async (by: string, token: string) =>
      Number((await as.post('/introspect', { token }, by)).body.active);
    const flow = async (): Promise<number> => {
      const now = await as.pat();
      return (await as.redeem(await as.ticket(now, id), await as.claimToken())).status;
    };
    count('RPT active', await active(pat, tokens.access_token), 1);

    clock.off(121);
    count(
      '2 min forward: a ticket of before that is redeemed',
      Number((await as.redeem(unused, claims)).status === 200),
      0,
    );
    count('2 min forward: the RPT is active', await active(pat, tokens.access_token), 1);
    // Claim tokens have five seconds for clocks that differ.
    clock.off(3610);
    const old = await as.json('GET', '/resource_set', pat);
    count('1 h forward: status for the PAT of before', old.status, 401);
    const fresh = await as.pat();
    count('1 h forward: the RPT is active', await active(fresh, tokens.access_token), 0);
    count(
      '1 h forward: status of a redemption with the claim token of before',
      (await as.redeem(await as.ticket(fresh, id), claims)).status,
      403,
    );
    const renewed = await as.post(
      '/token',
      { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      CLIENT,
    );
    count('1 h forward: status of refreshing', renewed.status, 200);
    count('1 h forward: the refreshed RPT is active', await active(fresh, renewed.body.access_token), 1);
    count('1 h forward: status of a new flow', await flow(), 200);

    clock.off(-86_400);
    count('1 d back: status of a new flow', await flow(), 200);
    count(
      '1 d back: claim tokens of the future that are believed',
      Number((await as.redeem(await as.ticket(await as.pat(), id), claims)).status === 200),
      0,
    );
    const [before] = as.members;
    assert.ok(before);
    await as.kill(before);
    await as.launch(clock.env);
    count('1 d back, after kill -9 and a new start: status of a new flow', await flow(), 200);

    clock.off(0);
    count('right again: status of a new flow', await flow(), 200);
    count(
      'right again: the resource and its policy are there',
      await active(
        await as.pat(),
        (await as.redeem(await as.ticket(await as.pat(), id), await as.claimToken())).body.access_token,
      ),
      1,
    );
    const [{ child, said }] = as.members as [(typeof as.members)[0]];
    count(
      'lines on standard error that speak of a failure',
      said
        .join('')
        .split('\n')
        .filter((line) => /fail|error/i.test(line)).length,
      0,
    );
    assert.equal(child.exitCode, null);
  });
}

test('two instances on one PostgreSQL, one of them 3 seconds behind: what one gives the other takes', async (t) => {
  const place = await onPostgres(t);
  const clock = new Clock();
  clock.off(-3);
  const as = new Instances(place);
  t.after(() => as.stop());
  await Promise.all([as.launch(), as.launch(clock.env)]);
  const count = counts('clocks 3 s apart', `${place.name}, 2 instances`);
  let good = 0;
  for (let round = 0; round < 10; round += 1) {
    const pat = await as.pat();
    const id = await as.register(pat);
    await as.allow(id);
    const { status, body } = await as.redeem(await as.ticket(pat, id), await as.claimToken());
    if (status === 200 && (await as.post('/introspect', { token: body.access_token }, pat)).body.active === true)
      good += 1;
    // One request more, so that each step meets the other instance in the next round.
    await as.send('/health');
  }
  count('whole flows of ten', good, 10);
});
