import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  uma = await startUma();
  await uma.run(['register', '--name', 'Album', '--scope', 'view']);
  await uma.run(['policy', 'add', '--resource', 'Album', '--party', 'bob']);
});
after(() => uma.close());

test('pat: of an owner, or of the resource server itself; a new one each time', async () => {
  const first = await uma.run(['pat']);
  assert.equal(first.json().scope, 'uma_protection');
  assert.notEqual((await uma.run(['pat'])).json().access_token, first.json().access_token);
  assert.equal((await uma.run(['pat', '--grant', 'client_credentials'])).code, 0);
  assert.match((await uma.run(['pat', '--header'])).out, /^Authorization: Bearer \S+\n$/);
  const masked = await uma.run(['pat'], { tty: true });
  assert.match(masked.out, /PAT \S{4}…\S{4}/);
});

test('pat: a wrong password is exit 4, and the person is named', async () => {
  const env = { UMA_OWNER: 'alice', UMA_OWNER_PASSWORD: 'not-hers' };
  const { code, err } = await uma.run(['pat'], { env });
  assert.equal(code, 4, err);
  assert.match(err, /no PAT for alice and the client UMA-Resource-Server/);
  assert.doesNotMatch(err, /not-hers/);
});

test('claims: the ID token and its format; decoded for people', async () => {
  const seen = await uma.run(['claims', '--party', 'bob'], { tty: true });
  assert.match(seen.out, /email +bob@example\.com/);
  const bare = await uma.run(['claims', '--scope', 'openid', '--field', 'claim_token']);
  assert.equal(bare.out.split('.').length, 3);
});

test('introspect: active with its permissions; not active is an answer too', async () => {
  const rpt = await uma.pipe(['ticket', '--resource', 'Album', '--scope', 'view'], ['rpt']);
  const active = await uma.run(['introspect', '--token-file', uma.file('rpt.json', rpt.out)]);
  assert.equal(active.json().active, true);
  const seen = await uma.run(['introspect', '-o', 'text'], { stdin: rpt.out });
  assert.match(seen.out, /^active, for another 60 min\nresource/);
  const unknown = await uma.run(['introspect'], { stdin: 'no-such-token' });
  assert.deepEqual([unknown.code, unknown.json()], [0, { active: false }]);
  const said = await uma.run(['introspect', '-o', 'text'], { stdin: 'no-such-token' });
  assert.match(said.out, /^not active/);
  assert.equal((await uma.run(['introspect'])).code, 2);
  const stranger = await uma.run(['introspect'], { stdin: '{"access_token":"x","as_uri":"https://other.example"}' });
  assert.equal(stranger.code, 3, 'a token that says it is of another server is not sent to this one');
});
