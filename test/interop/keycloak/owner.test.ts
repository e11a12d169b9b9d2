import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openPeer } from './peer.ts';

const peer = openPeer();
after(() => peer.close());

interface Request {
  id: string;
  status: string;
  resource_id: string;
  scopes: string[];
  granted_scopes?: string[];
  party: { sub: string; name?: string };
}

interface Policy {
  id: string;
  name: string;
  resource_id: string;
  scopes: string[];
  subject: { party?: { name: string } };
}

const on = async (id: string, ...flags: string[]): Promise<Request[]> =>
  (await peer.ok<Request[]>(['request', 'list', ...flags])).filter(({ resource_id }) => resource_id === id);

const asks = async (id: string, ...scopes: string[]): Promise<void> => {
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, ...scopes)], { code: 7 });
};

test("requests: one of each person and resource; alice sees hers, bob's token may not look", async () => {
  const id = await peer.resource('Requests');
  await asks(id, 'view', 'download');
  const [request, ...more] = await on(id);
  assert.deepEqual(more, []);
  assert.equal(request?.party.name, 'bob');
  assert.deepEqual(request?.scopes.toSorted(), ['download', 'view']);
  assert.equal((await peer.ok<Request>(['request', 'show', request?.id ?? ''])).status, 'pending');
  const bob = await peer.run(['request', 'list', '--owner', 'bob'], { env: { UMA_OWNER: 'bob' } });
  assert.equal(bob.code, 3, bob.err);
  assert.match(bob.err, /pat_lacks_role/);
});

test('approve some scopes: the rest is not left waiting; approved requests are listed', async () => {
  const id = await peer.resource('Some');
  await asks(id, 'view', 'download');
  const [request] = await on(id);
  const [approved] = await peer.ok<Request[]>(['approve', request?.id ?? '', '--scope', 'view']);
  assert.deepEqual([approved?.status, approved?.granted_scopes], ['approved', ['view']]);
  assert.deepEqual(await on(id), []);
  const [listed] = await on(id, '--status', 'approved');
  assert.deepEqual(listed?.granted_scopes, ['view']);
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'view')]);
  const more = await peer.run(['approve', listed?.id ?? '', '--scope', 'print']);
  assert.equal(more.code, 2);
  const expires = await peer.run(['approve', listed?.id ?? '', '--expires', '2h']);
  assert.equal(expires.code, 3, expires.err);
  assert.match(expires.err, /not_offered/);
});

test('deny: gone from the list, and an unknown request is exit 2', async () => {
  const id = await peer.resource('Deny');
  await asks(id, 'view');
  const [request] = await on(id);
  const [denied] = await peer.ok<Request[]>(['deny', request?.id ?? '']);
  assert.equal(denied?.status, 'denied');
  assert.deepEqual(await on(id, '--all'), []);
  const again = await peer.run(['deny', request?.id ?? '']);
  assert.equal(again.code, 2, again.err);
  assert.match(again.err, /no request .*keeps none that was denied/);
});

test('revoke: share and policies go; that an RPT outlives it is said, and true', async () => {
  const id = await peer.resource('Revoke');
  await asks(id, 'view');
  const [request] = await on(id);
  await peer.ok(['approve', request?.id ?? '']);
  await peer.ok(['policy', 'add', '--resource', id, '--party', 'bob', '--scope', 'download']);
  const rpt = await peer.run(['rpt', '--ticket', await peer.ticket(id, 'view')]);
  const { code, err, json } = await peer.run(['revoke', '--resource', id, '--party', 'bob']);
  assert.equal(code, 0, err);
  assert.deepEqual(json(), { policies: 2, requests: 0, rpts: 0 });
  assert.match(err, /an RPT that this server has issued before stays good until it ends/);
  assert.equal((await peer.ok<{ active: boolean }>(['introspect'], { stdin: rpt.out })).active, true);
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'view'), '--no-submit-request'], { code: 5 });
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'download'), '--no-submit-request'], { code: 5 });
  const one = await peer.run(['revoke', '--token-file', peer.file('rpt', rpt.out)]);
  assert.equal(one.code, 3, one.err);
  assert.match(one.err, /not_offered/);
});

test('policies: added, shown, changed, deleted; they let bob in', async () => {
  const id = await peer.resource('Policies');
  const words = ['policy', 'add', '--resource', 'Policies', '--party', 'jdoe', '--scope', 'view', '--name', 'for jdoe'];
  const made = await peer.ok<Policy>(words);
  assert.equal(made.subject.party?.name, 'jdoe');
  const jdoe = { env: { UMA_PARTY: 'jdoe' } };
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'view')], jdoe);
  assert.deepEqual(await peer.ok(['policy', 'show', made.id]), made);
  const changed = await peer.ok<Policy>(['policy', 'update', made.id, '--scope', 'download']);
  assert.deepEqual(changed.scopes, ['download']);
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'download')], jdoe);
  const listed = await peer.ok<Policy[]>(['policy', 'list', '--resource', id]);
  assert.deepEqual(listed, [changed]);
  await peer.ok(['policy', 'delete', made.id, '--yes']);
  await peer.ok(['rpt', '--ticket', await peer.ticket(id, 'download'), '--no-submit-request'], { code: 5, ...jdoe });
});

test('policies that Keycloak cannot keep are refused, not weakened', async () => {
  const id = await peer.resource('Cannot');
  const add = ['policy', 'add', '--resource', id];
  for (const flags of [
    ['--party', 'bob', '--deny'],
    ['--party', 'bob', '--expires', '1h'],
    ['--email', 'bob@example.com'],
    ['--anyone'],
  ]) {
    const { code, err } = await peer.run([...add, ...flags]);
    assert.equal(code, 3, `${flags.join(' ')}: ${err}`);
    assert.match(err, /not_offered/);
  }
  const group = await peer.run([...add, '--group', 'nobodies']);
  assert.equal(group.code, 2, group.err);
  assert.match(group.err, /knows no groups \/nobodies: the policy without it was removed again/);
  const person = await peer.run([...add, '--party', 'nobody', '--scope', 'view']);
  assert.equal(person.code, 2, person.err);
  assert.match(person.err, /it knows nobody called nobody.*unknown_subject/s);
  assert.deepEqual(await peer.ok(['policy', 'list', '--resource', id]), []);
});
