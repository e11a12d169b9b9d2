import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { walkthroughConfig } from '../../../src/server/config/walkthrough.ts';
import { type Attempt, createAttempts, networkOf, TooManyAttempts } from '../../../src/server/oauth/attempts.ts';
import { peopleOf } from '../../../src/server/oauth/people.ts';
import { openSqlite } from '../../../src/server/stores/sqlite.ts';

/** Two instances on one store, and a clock that the test moves. */
async function instances() {
  const { limits } = await openSqlite({});
  const clock = { now: 1_700_000_000 };
  const [one, two] = [createAttempts(limits, () => clock.now), createAttempts(limits, () => clock.now)];
  return { one, two, clock, limits };
}
const alice = (address: string): Attempt => ({ of: 'person', account: 'alice', address });
const rs = (address: string): Attempt => ({ of: 'client', account: 'rs', address });
const wrong = async () => undefined;
const right = async () => 'in';
const waits = (seconds: number) => (error: unknown) => error instanceof TooManyAttempts && error.seconds === seconds;

describe('failed attempts', () => {
  it('make the next one wait longer, up to five minutes, and an hour without one forgets them', async () => {
    const { one, clock } = await instances();
    for (let count = 0; count < 5; count += 1) await one.guard(alice('192.0.2.1'), wrong);
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
      await assert.rejects(one.guard(alice('192.0.2.1'), right), waits(seconds));
      clock.now += seconds;
      await one.guard(alice('192.0.2.1'), wrong);
    }
    clock.now += 3600;
    for (let count = 0; count < 5; count += 1) await one.guard(alice('192.0.2.1'), wrong);
  });

  it('of a person are one count over all instances; a success at one ends the wait at all', async () => {
    const { one, two, clock } = await instances();
    for (const instance of [one, two, one, two, one]) await instance.guard(alice('192.0.2.1'), wrong);
    for (const instance of [one, two]) await assert.rejects(instance.guard(alice('192.0.2.1'), right), waits(1));
    clock.now += 1;
    assert.equal(await two.guard(alice('192.0.2.1'), right), 'in');
    for (const instance of [one, two, one, two]) await instance.guard(alice('192.0.2.1'), wrong);
    assert.equal(await one.guard(alice('192.0.2.1'), right), 'in');
  });

  it('of a client are one count over all instances, which each of them learns at its own next failure', async () => {
    const { one, two } = await instances();
    for (let count = 0; count < 20; count += 1) await one.guard(rs('192.0.2.1'), wrong);
    await assert.rejects(one.guard(rs('192.0.2.1'), right), waits(1));
    await two.guard(rs('192.0.2.1'), wrong);
    await assert.rejects(two.guard(rs('192.0.2.1'), right), waits(2));
  });

  it('from many networks slow an account down, and nobody is locked out where she has signed in before', async () => {
    const { one, two, clock } = await instances();
    assert.equal(await one.guard(alice('192.0.2.1'), right), 'in');
    for (let peer = 0; peer < 100; peer += 1) await one.guard(alice(`198.51.100.${peer}`), wrong);
    await assert.rejects(one.guard(alice('203.0.113.1'), right), waits(1));
    for (const instance of [one, two]) assert.equal(await instance.guard(alice('192.0.2.1'), right), 'in');
    // No more than a minute, so that a slot comes round for her elsewhere too.
    for (let count = 0; count < 20; count += 1) {
      clock.now += 60;
      await one.guard(alice(`198.51.101.${count}`), wrong);
    }
    await assert.rejects(one.guard(alice('203.0.113.1'), right), waits(60));
    clock.now += 60;
    assert.equal(await one.guard(alice('203.0.113.1'), right), 'in');
  });

  it('from one network on many accounts slow that network down, and no other', async () => {
    const { one } = await instances();
    const guess = (account: string, address: string, verify: () => Promise<string | undefined>) =>
      one.guard({ of: 'person', account, address }, verify);
    for (let count = 0; count < 50; count += 1) await guess(`nobody${count}`, `2001:db8:0:1::${count}`, wrong);
    await assert.rejects(guess('bob', '2001:db8:0:1::ffff', right), waits(1));
    assert.equal(await guess('bob', '2001:db8:0:2::ffff', right), 'in');
  });

  it('that come all at once are not looked at all at once', async () => {
    const { one } = await instances();
    let looked = 0;
    const verify = async () => {
      looked += 1;
      await setImmediate();
      return undefined;
    };
    const all = await Promise.allSettled(Array.from({ length: 200 }, () => one.guard(alice('192.0.2.1'), verify)));
    assert.ok(looked < 5 + 8, String(looked));
    assert.equal(all.filter(({ status }) => status === 'rejected').length, 200 - looked);
  });

  it('cost nothing while there are none: a client that is right asks the store once a day', async () => {
    const { one, clock, limits } = await instances();
    let asked = 0;
    for (const name of ['fail', 'peek', 'clear', 'count'] as const) {
      const method = limits[name] as (...given: never[]) => Promise<never>;
      limits[name] = ((...given: never[]) => {
        asked += 1;
        return method(...given);
      }) as never;
    }
    for (let count = 0; count < 1000; count += 1) await one.guard(rs('192.0.2.1'), right);
    assert.equal(asked, 1);
    clock.now += 86_400;
    for (let count = 0; count < 1000; count += 1) await one.guard(rs('192.0.2.1'), right);
    assert.equal(asked, 2);
  });

  it('are kept under hashes: a store tells nobody what was tried', async () => {
    const { one, limits } = await instances();
    const keys: string[] = [];
    const { fail } = limits;
    limits.fail = (key, ...rest) => {
      keys.push(key);
      return fail(key, ...rest);
    };
    await one.guard({ of: 'person', account: 'my password typed here', address: '192.0.2.1' }, wrong);
    assert.equal(keys.length, 3);
    for (const key of keys) assert.match(key, /^tries:[\w-]{43}$/);
  });
});

it('a network is an IPv4 address or the first half of an IPv6 address', () => {
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['unknown', 'unknown'],
  ] as const) {
    assert.equal(networkOf(address), network);
  }
});

it('a name that nobody has and a person without a password cost the same work as a wrong password', async () => {
  const { limits } = await openSqlite({});
  const [somebody] = walkthroughConfig().people;
  const { password_hash: _none, ...federated } = { ...somebody!, sub: 'f', username: 'federated' };
  const pbkdf2 = `$pbkdf2-sha256$i=1000$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  for (const [hash, job] of [
    [somebody!.password_hash!, 'ARGON2REQUEST'],
    [pbkdf2, 'PBKDF2REQUEST'],
  ] as const) {
    const people = peopleOf(
      [federated, { ...somebody!, password_hash: hash }],
      createAttempts(limits, () => 0),
    );
    const work: Record<string, string[]> = {};
    for (const name of [somebody!.username, 'federated', 'nobody']) {
      const jobs: string[] = [];
      const hook = createHook({ init: (_id, type) => void (/ARGON2|PBKDF2/.test(type) && jobs.push(type)) }).enable();
      assert.equal(await people.authenticate(name, 'wrong', '192.0.2.1'), undefined);
      hook.disable();
      work[name] = jobs;
    }
    assert.deepEqual(work, { [somebody!.username]: [job], federated: [job], nobody: [job] });
  }
});
