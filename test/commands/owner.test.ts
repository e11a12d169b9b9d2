import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { AccessRequest, HistoryEntry, Policy, SharedResource } from '../../src/protocol/owner.ts';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  uma = await startUma();
  await uma.run(['register', '--name', 'Album', '--scope', 'view,download']);
});
after(() => uma.close());

const ask = (party: string, scope: string) =>
  uma.pipe(['ticket', '--resource', 'Album', '--scope', scope], ['rpt', '--party', party]);
const pending = async () => (await uma.run(['request', 'list'])).json<AccessRequest[]>();

test('nothing waits: an empty list, a hint on a terminal only, and nothing to approve', async () => {
  const piped = await uma.run(['request', 'list']);
  assert.deepEqual([piped.code, piped.out, piped.err], [0, '[]\n', '']);
  const seen = await uma.run(['request', 'list', '-o', 'json'], { tty: true });
  assert.equal(seen.out, '[]\n');
  assert.notEqual(seen.err, '');
  assert.deepEqual((await uma.run(['approve', '--all'])).json(), []);
  assert.equal((await uma.run(['approve'])).code, 2);
});

test('a request is shown, approved in part, and used', async () => {
  assert.equal((await ask('bob', 'view,download')).code, 7);
  const [request] = await pending();
  assert.ok(request !== undefined);
  assert.deepEqual(request.party, { iss: uma.server.issuer, sub: 'bob' });
  assert.deepEqual((await uma.run(['request', 'show', request.id])).json(), request);

  const which = await uma.run(['approve']);
  assert.equal(which.code, 2, 'nothing is approved that was not looked at');
  assert.match(which.err, new RegExp(`${request.id} pending \\(bob, view download, Album\\)`));

  const approved = await uma.run(['approve', request.id, '--scope', 'view', '--expires', '1h']);
  assert.equal(approved.code, 0, approved.err);
  assert.deepEqual(approved.json<AccessRequest[]>()[0]?.granted_scopes, ['view']);
  assert.deepEqual(await pending(), []);
  assert.equal((await uma.run(['request', 'list', '--all'])).json<AccessRequest[]>()[0]?.status, 'approved');

  const answer = await uma.pipe(
    ['ticket', '--resource', 'Album', '--scope', 'view'],
    ['rpt', '--party', 'bob'],
    ['introspect'],
  );
  assert.equal(answer.json().active, true);
});

test('a denied request is over for the one who asked', async () => {
  const asked = await ask('chris', 'view');
  const [request] = await pending();
  const denied = await uma.run(['deny', request?.id ?? '']);
  assert.equal(denied.code, 0, denied.err);
  assert.equal(denied.json<AccessRequest[]>()[0]?.status, 'denied');
  const again = await uma.run(['rpt', '--ticket', String(asked.json().ticket), '--party', 'chris']);
  assert.equal(again.code, 5);
});

test("an unknown request is the server's refusal, not a success", async () => {
  assert.match((await uma.run(['request', 'show', 'nope'])).err, /Try: uma request list --all\n/);
  assert.match((await uma.run(['policy', 'show', 'nope'])).err, /Try: uma policy list\n/);
  for (const verb of ['approve', 'deny']) {
    const { code, out } = await uma.run([verb, 'nope']);
    assert.equal(code, 2);
    assert.equal(out, '');
  }
  assert.equal((await uma.run(['request', 'show', 'nope'])).code, 2);
});

test('DESIGN 13: another owner sees none of it', async () => {
  assert.deepEqual((await uma.run(['request', 'list', '--all', '--owner', 'bob'])).json(), []);
  assert.deepEqual((await uma.run(['policy', 'list', '--owner', 'bob'])).json(), []);
});

test('policies: added for a person by login name, named by issuer and subject, changed, deleted', async () => {
  const added = await uma.run([
    ...['policy', 'add', '--resource', 'Album', '--party', 'jdoe', '--scope', 'view'],
    ...['--expires', '2h', '--client', 'UmaClient', '--name', 'for John'],
  ]);
  assert.equal(added.code, 0, added.err);
  const policy = added.json<Policy>();
  assert.ok('party' in policy.subject);
  assert.equal(policy.subject.party.iss, uma.server.issuer);
  assert.equal(policy.subject.party.sub, 'jdoe');
  assert.ok((policy.expires_at ?? 0) > Date.now() / 1000 + 7000);
  assert.deepEqual(policy.clients, ['UmaClient']);
  assert.equal((await ask('jdoe', 'view')).code, 0);

  const changed = await uma.run(['policy', 'update', policy.id, '--deny']);
  assert.equal(changed.json<Policy>().effect, 'deny');
  assert.deepEqual(changed.json<Policy>().scopes, ['view'], 'what no flag names stays');
  assert.equal((await ask('jdoe', 'view')).code, 5);
  assert.equal((await uma.run(['policy', 'update', policy.id, '--allow'])).json<Policy>().effect, 'allow');

  assert.equal((await uma.run(['policy', 'show', policy.id])).json<Policy>().name, 'for John');
  const unsure = await uma.run(['policy', 'delete', policy.id]);
  assert.equal(unsure.code, 2, 'a destructive verb does not go on unasked');
  assert.match(unsure.err, /--yes/);
  assert.equal((await uma.run(['policy', 'delete', policy.id, '--yes'])).code, 0);
  const left = (await uma.run(['policy', 'list', '--resource', 'Album'])).json<Policy[]>();
  assert.ok(!left.some(({ id }) => id === policy.id));
});

test('policies that cannot be meant', async () => {
  const cases: [string[], RegExp][] = [
    [['--party', 'bob'], /which resource/],
    [['--resource', 'Album'], /whom/],
    [['--resource', 'Album', '--party', 'bob', '--anyone'], /exclude each other/],
    [['--resource', 'Album', '--party', 'nobody'], /nobody by the login name "nobody"/],
    [['--resource', 'nope', '--party', 'bob'], /no resource "nope"; she has \S+ "Album"/],
  ];
  for (const [flags, word] of cases) {
    const { code, err } = await uma.run(['policy', 'add', ...flags]);
    assert.equal(code, 2);
    assert.match(err, word);
  }
  const whole = await uma.run(['policy', 'add', '--input', '-'], { stdin: '{"resource_id":"x","effect":"maybe"}' });
  assert.match(whole.err, /"effect" must be/);
});

test('revoking takes policy and RPT; everybody only when sure; one RPT by itself', async () => {
  await uma.run(['policy', 'add', '--resource', 'Album', '--party', 'jdoe', '--scope', 'view']);
  const rpt = await ask('jdoe', 'view');
  assert.equal((await uma.run(['introspect'], { stdin: rpt.out })).json().active, true);
  const revoked = await uma.run(['revoke', '--resource', 'Album', '--party', 'jdoe']);
  assert.equal(revoked.code, 0, revoked.err);
  assert.equal((await uma.run(['introspect'], { stdin: rpt.out })).json().active, false);
  assert.notEqual((await ask('jdoe', 'view')).code, 0);

  const unsure = await uma.run(['revoke', '--resource', 'Album']);
  assert.equal(unsure.code, 2);
  assert.match(unsure.err, /--yes/);

  await uma.run(['policy', 'add', '--resource', 'Album', '--party', 'jdoe', '--scope', 'view']);
  const one = await ask('jdoe', 'view');
  const two = await ask('jdoe', 'view');
  assert.equal((await uma.run(['revoke', '--token-file', '-'], { stdin: one.out })).code, 0);
  assert.equal((await uma.run(['introspect'], { stdin: one.out })).json().active, false);
  assert.equal((await uma.run(['introspect'], { stdin: two.out })).json().active, true);
  assert.equal((await uma.run(['revoke', '--resource', 'Album', '--yes'])).code, 0);
  assert.equal((await uma.run(['introspect'], { stdin: two.out })).json().active, false);
  assert.equal((await uma.run(['revoke'])).code, 2);
});

test('history tells it, newest first, with limit and type', async () => {
  const all = (await uma.run(['history'])).json<HistoryEntry[]>();
  assert.equal(all.at(-1)?.type, 'resource_registered');
  assert.ok(all.every((entry, at) => at === 0 || entry.at <= (all[at - 1]?.at ?? 0)));
  assert.equal((await uma.run(['history', '--limit', '2'])).json<HistoryEntry[]>().length, 2);
  const issued = (await uma.run(['history', '--type', 'rpt_issued'])).json<HistoryEntry[]>();
  assert.ok(issued.length > 0 && issued.every(({ type }) => type === 'rpt_issued'));
  const used = (await uma.run(['history', '--type', 'rpt_used'])).json<HistoryEntry[]>();
  assert.ok(used.length > 0 && used.length < issued.length);
  assert.equal((await uma.run(['history', '--limit', 'x'])).code, 2);
  const chris = (await uma.run(['history', '--party', 'chris'])).json<HistoryEntry[]>();
  assert.ok(chris.length > 0 && chris.every(({ party }) => party?.sub === 'chris'));
  assert.equal((await uma.run(['history', '--party', 'nobody'])).code, 2);
});

test('what others share with somebody, and giving it up', async () => {
  await uma.run(['policy', 'add', '--resource', 'Album', '--party', 'jdoe', '--scope', 'view']);
  const shared = () => uma.run(['resource', 'list', '--shared', '--owner', 'jdoe']);
  const [item] = (await shared()).json<SharedResource[]>();
  assert.deepEqual([item?.name, item?.owner, item?.scopes, item?.via], ['Album', 'alice', ['view'], 'party']);
  assert.equal((await uma.run(['revoke', '--give-up', 'Album', '--resource', 'Album'])).code, 2);
  const given = await uma.run(['revoke', '--give-up', 'Album', '--owner', 'jdoe']);
  assert.equal(given.code, 0, given.err);
  assert.deepEqual((await shared()).json(), []);
  const again = await uma.run(['revoke', '--give-up', 'Album', '--owner', 'jdoe']);
  assert.notEqual(again.code, 0);
  assert.match(again.err, /nobody shares a resource "Album"/);
  const [told] = (await uma.run(['history', '--type', 'share_given_up'])).json<HistoryEntry[]>();
  assert.equal(told?.party?.sub, 'jdoe');
});

test('a name that looks like another is shared with only when the owner says so', async () => {
  const config = walkthroughConfig();
  config.people.push({ ...config.people[1]!, sub: 'u-17', username: 'b0b', name: 'Robert Baker' });
  const other = await startUma({ config });
  try {
    await other.run(['register', '--name', 'Album', '--scope', 'view']);
    const add = ['policy', 'add', '--resource', 'Album', '--party', 'b0b', '--scope', 'view'];
    const asked = await other.run(add);
    assert.equal(asked.code, 2);
    assert.match(asked.err, /--yes/);
    assert.deepEqual((await other.run(['policy', 'list'])).json(), []);
    const sure = await other.run([...add, '--yes']);
    assert.equal(sure.code, 0, sure.err);
    assert.deepEqual(sure.json<Policy>().subject, {
      party: { iss: other.server.issuer, sub: 'u-17', name: 'Robert Baker' },
    });
  } finally {
    await other.close();
  }
});

test('a server without an owner API: exit 3, what it lacks, what to try', async (t) => {
  const bare = createServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
  });
  t.after(() => bare.close());
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const env = { UMA_ISSUER: `http://127.0.0.1:${(bare.address() as AddressInfo).port}` };
  for (const argv of [['request', 'list'], ['approve', '--all'], ['policy', 'list'], ['history']]) {
    const { code, err } = await uma.run(argv, { env });
    assert.equal(code, 3);
    assert.match(err, /names no "resource_owner_endpoint"/);
    assert.match(err, /^Try: .*--resource-owner-endpoint URL$/m);
  }
});
