import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openPeer, RS } from './peer.ts';

const peer = openPeer();
after(() => peer.close());

interface Resource {
  _id: string;
  name: string;
  resource_scopes: string[];
  ownerManagedAccess: boolean;
  owner: { id: string; name?: string };
  description?: string;
}

test("PAT by the owner's password and by client credentials; a given one is used", async () => {
  const own = await peer.ok<{ access_token: string; expires_in: number }>(['pat']);
  assert.equal(own.expires_in, 300);
  const pat = await peer.ok<{ access_token: string }>(['pat', '--grant', 'client_credentials']);
  const file = peer.file('pat', pat.access_token);
  const name = 'Of the server';
  const made = await peer.ok<Resource>(['register', '--name', name, '--scope', 'view', '--pat-file', file]);
  assert.equal(made.owner.name, RS);
  await peer.ok(['resource', 'delete', made._id, '--yes', '--pat-file', file]);
});

test('registration turns on owner-managed access; an update leaves what no flag names', async () => {
  const id = await peer.resource('Update', ['--uri', '/update/1', '--description', 'A photo', '--type', 'urn:photo']);
  const made = await peer.ok<Resource>(['resource', 'show', id]);
  assert.equal(made.ownerManagedAccess, true);
  assert.equal(made.description, 'A photo');
  assert.deepEqual([...made.resource_scopes].sort(), ['download', 'view']);
  assert.deepEqual(await peer.ok(['resource', 'update', id, '--scope', 'view']), { _id: id });
  const after = await peer.ok<Resource>(['resource', 'show', id]);
  assert.deepEqual(after, { ...made, resource_scopes: ['view'] });
  await peer.ok(['resource', 'update', id, '--no-owner-managed']);
  assert.equal((await peer.ok<Resource>(['resource', 'show', id])).ownerManagedAccess, false);
  await peer.ok(['resource', 'update', id, '--owner-managed']);
  assert.equal((await peer.ok<Resource>(['resource', 'show', id])).ownerManagedAccess, true);
});

test('P12: a resource by id, by name and by URI; one that is not there says what is', async () => {
  const id = await peer.resource('By name', ['--uri', '/by/uri']);
  for (const word of [id, 'By name', '/by/uri']) {
    assert.equal((await peer.ok<Resource>(['resource', 'show', word]))._id, id, word);
    assert.equal(typeof (await peer.ok(['ticket', '--resource', word, '--scope', 'view'])).ticket, 'string', word);
  }
  const { code, err } = await peer.run(['ticket', '--resource', '/nowhere', '--scope', 'view']);
  assert.equal(code, 2);
  assert.match(err, /no resource "\/nowhere" for alice's PAT.*it sees .*By name/s);
});

test("a list is the whole list, of the PAT's owner only", async () => {
  const id = await peer.resource('Listed');
  const pat = await peer.ok<{ access_token: string }>(['pat', '--grant', 'client_credentials']);
  const file = peer.file('pat', pat.access_token);
  const server = await peer.ok<Resource>(['register', '--name', 'Not hers', '--scope', 'view', '--pat-file', file]);
  const hers = await peer.ok<Resource[]>(['resource', 'list']);
  assert.ok(hers.some(({ _id }) => _id === id));
  assert.ok(!hers.some(({ _id }) => _id === server._id));
  const { code, err } = await peer.run(['resource', 'show', server._id]);
  assert.equal(code, 2);
  assert.match(err, /belongs to another owner/);
  await peer.ok(['resource', 'delete', server._id, '--yes', '--pat-file', file]);
});

test('the ticket for several resources, and a scope that none has', async () => {
  const one = await peer.resource('One');
  const two = await peer.resource('Two');
  const words = ['ticket', '--permission', `${one}=view`, '--permission', `${two}=view,download`];
  assert.equal(typeof (await peer.ok(words)).ticket, 'string');
  const { code, err } = await peer.run(['ticket', '--resource', one, '--scope', 'nope']);
  assert.equal(code, 2);
  assert.match(err, /invalid_scope/);
  assert.match(err, /offers (view, download|download, view)/);
});

test('P8, P14: wrong set-ups say which: wrong person, wrong client, garbage, each with its exit code', async () => {
  const wrong = async (words: readonly string[], env: Record<string, string> = {}) => {
    const { code, err } = await peer.run(['resource', 'list', ...words], { env });
    return { code, err };
  };
  const bob = await wrong([], { UMA_OWNER: 'bob' });
  assert.equal(bob.code, 3, bob.err);
  assert.match(bob.err, /bob has not the role uma_protection of photoz-restful-api.*pat_lacks_role/s);
  const client = await wrong([], { UMA_RS_CLIENT_ID: 'photoz-client', UMA_RS_CLIENT_SECRET: 'password' });
  assert.equal(client.code, 3, client.err);
  assert.match(client.err, /issued to photoz-client, which is no resource server.*pat_of_wrong_client/s);
  const garbage = await wrong(['--pat-file', peer.file('garbage', 'garbage')]);
  assert.equal(garbage.code, 4, garbage.err);
  assert.match(garbage.err, /invalid_token/);
  const secret = await peer.run(['pat'], { env: { UMA_RS_CLIENT_SECRET: 'wrong' } });
  assert.equal(secret.code, 4, secret.err);
  assert.match(secret.err, /check the client's id and secret/);
});
