import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
let album: string;
before(async () => {
  uma = await startUma();
  const made = await uma.run(['register', '--name', 'Photo Album', '--scope', 'view,download', '--type', 'album']);
  album = made.json<{ _id: string }>()._id;
  for (const owner of ['alice', 'bob'])
    await uma.run(['register', '--name', 'Diary', '--scope', 'read', '--owner', owner]);
  await uma.run(['register', '--name', 'Diary', '--scope', 'read']);
});
after(() => uma.close());

test('a ticket names the server it is of', async () => {
  const { code, err, json } = await uma.run(['ticket', '--resource', album, '--scope', 'view']);
  assert.equal(code, 0);
  assert.equal(err, '');
  assert.equal(json().as_uri, uma.server.issuer);
  assert.match(String(json().ticket), /^\S{20,}$/);
});

test('a resource by name: the id that was used is told', async () => {
  const { code, err } = await uma.run(['ticket', '--resource', 'Photo Album', '--scope', 'view']);
  assert.equal(code, 0);
  assert.equal(err, `"Photo Album" is the resource ${album}\n`);
});

test('P14: an unknown resource: which, whose PAT, what that sees, and a line to try that works', async () => {
  const { code, out, err } = await uma.run(['ticket', '--resource', 'nope', '--scope', 'view']);
  assert.equal(code, 2);
  assert.equal(out, '');
  const [what, why, hint] = err.split('\n');
  assert.match(what ?? '', /no resource "nope" for alice's PAT \(client UMA-Resource-Server\)/);
  assert.match(what ?? '', new RegExp(`${album} "Photo Album"`));
  assert.match(why ?? '', /unknown_resource, status 400, UMA Federated Authorization 4\.3/);
  const line = /^Try: uma (.*)$/.exec(hint ?? '')?.[1];
  assert.equal((await uma.run(line?.split(' ') ?? [])).code, 0);
});

test("another owner's resource is not hers", async () => {
  const { code, err } = await uma.run(['ticket', '--resource', album, '--scope', 'view', '--owner', 'bob']);
  assert.equal(code, 2);
  assert.match(err, /for bob's PAT .* "Diary"/);
  assert.doesNotMatch(err, /Photo Album/);
});

test('P12: an ambiguous name is a usage error with the candidates', async () => {
  const ids = (await uma.run(['resource', 'list', '--ids'])).json<string[]>().filter((id) => id !== album);
  const { code, err } = await uma.run(['ticket', '--resource', 'Diary', '--scope', 'read']);
  assert.equal(code, 2);
  assert.equal(ids.length, 2);
  for (const id of ids) assert.ok(err.includes(id));
});

test('a scope that the resource lacks', async () => {
  const { code, err } = await uma.run(['ticket', '--resource', album, '--scope', 'burn']);
  assert.equal(code, 2);
  assert.match(err, /invalid_scope/);
  assert.match(err, /view/);
});

test('several resources: flags or JSON', async () => {
  const diary = (await uma.run(['resource', 'list', '--ids'])).json<string[]>().find((id) => id !== album);
  const both = await uma.run(['ticket', '--permission', 'Photo Album=view,download', '--permission', `${diary}=read`]);
  assert.equal(both.code, 0);
  const body = JSON.stringify([{ resource_id: album, resource_scopes: ['view'] }]);
  assert.equal((await uma.run(['ticket', '--input', '-'], { stdin: body })).code, 0);
  assert.equal((await uma.run(['ticket', '--input', uma.file('p.json', body)])).code, 0);
});

test('what cannot be meant is told before anything is sent', async () => {
  const nowhere = { env: { UMA_ISSUER: 'http://127.0.0.1:1' } };
  for (const [argv, word] of [
    [['ticket'], /which resource/],
    [['ticket', '--resource', 'a', '--permission', 'b=c'], /exclude each other/],
    [['ticket', '--permission', 'b=c', '--scope', 'd'], /--scope goes with --resource/],
    [['ticket', '--permission', '=c'], /names no resource/],
  ] as const) {
    const { code, err } = await uma.run(argv, nowhere);
    assert.equal(code, 2);
    assert.match(err, word);
  }
  const bad = await uma.run(['ticket', '--input', '-'], {
    stdin: '[{"resource_id":"a","resource_scopes":[1]}]',
    ...nowhere,
  });
  assert.equal(bad.code, 2);
  assert.match(bad.err, /"\[0\]\.resource_scopes\[0\]" must be a non-empty string/);
});

test('a PAT in a file, bare or as `uma pat` prints it, is used as it is', async () => {
  const pat = await uma.run(['pat', '--owner', 'bob']);
  const path = uma.file('pat.json', pat.out);
  const own = await uma.run(['ticket', '--resource', 'Diary', '--scope', 'read', '--pat-file', path]);
  assert.equal(own.code, 0);
  const bare = uma.file('pat.txt', `${pat.json().access_token}\n`);
  const foreign = await uma.run(['ticket', '--resource', album, '--scope', 'view', '--pat-file', bare]);
  assert.match(foreign.err, /for the given PAT/);
  const wrong = await uma.run(['ticket', '--resource', album, '--scope', 'view', '--pat-file', '-'], {
    stdin: 'nonsense',
  });
  assert.equal(wrong.code, 4);
});

test('a PAT that the server has forgotten is renewed without a word', async () => {
  await uma.run(['resource', 'list']);
  assert.equal(uma.spoilTokens((answer) => ({ ...answer, access_token: 'forgotten' })) > 0, true);
  const { code, err } = await uma.run(['ticket', '--resource', album, '--scope', 'view']);
  assert.deepEqual([code, err], [0, '']);
});
