import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RegisteredResource } from '../../src/protocol/resource.ts';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  uma = await startUma();
});
after(() => uma.close());

test('register, list, show, update, delete', async () => {
  assert.equal((await uma.run(['resource', 'list'])).out, '[]\n');
  const made = await uma.run([
    ...['register', '--name', 'Album', '--scope', 'view', '--scope', 'print', '--type', 'album'],
    ...['--icon-uri', 'https://rs.example/i.png', '--description', 'of 2026', '--uri', '/album'],
  ]);
  assert.equal(made.code, 0, made.err);
  const { _id } = made.json<{ _id: string }>();
  assert.match(made.err, new RegExp(`^registered "Album" as ${_id}; next: uma ticket --resource ${_id}`));
  const shown = (await uma.run(['resource', 'show', 'Album'])).json<RegisteredResource>();
  const { name, type, icon_uri, description, resource_scopes } = shown;
  assert.deepEqual(
    { name, type, icon_uri, description, resource_scopes },
    {
      name: 'Album',
      type: 'album',
      icon_uri: 'https://rs.example/i.png',
      description: 'of 2026',
      resource_scopes: ['view', 'print'],
    },
  );
  assert.deepEqual(
    (await uma.run(['resource', 'list'])).json<RegisteredResource[]>().map(({ name: each }) => each),
    ['Album'],
  );
  assert.deepEqual((await uma.run(['resource', 'list', '--ids'])).json(), [_id]);

  assert.equal((await uma.run(['resource', 'update', 'Album', '--name', 'Holidays'])).code, 0);
  const updated = (await uma.run(['resource', 'show', _id])).json<RegisteredResource>();
  assert.deepEqual([updated.name, updated.type, updated.resource_scopes], ['Holidays', 'album', ['view', 'print']]);

  const unsure = await uma.run(['resource', 'delete', 'Holidays']);
  assert.equal(unsure.code, 2);
  assert.match(unsure.err, /--yes/);
  const gone = await uma.run(['resource', 'delete', 'Holidays', '-y']);
  assert.deepEqual([gone.code, gone.json()], [0, { _id }]);
  const missing = await uma.run(['resource', 'show', _id]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /sees no resource at all/);
  assert.match(missing.err, /^Try: uma register/m);
});

test('a whole description as JSON; its faults by their place', async () => {
  const body = { resource_scopes: ['view'], name: 'From JSON', 'name#fr': 'De JSON' };
  const made = await uma.run(['register', '--input', '-'], { stdin: JSON.stringify(body) });
  assert.equal(made.code, 0, made.err);
  const shown = (await uma.run(['resource', 'show', 'From JSON'])).json();
  assert.equal(shown['name#fr'], 'De JSON');
  for (const [stdin, word] of [
    ['{"resource_scopes":["a",1]}', /"resource_scopes\[1\]" must be a non-empty string/],
    ['[]', /the description must be a JSON object/],
    ['{', /not JSON/],
  ] as const) {
    const { code, err } = await uma.run(['register', '--input', '-'], { stdin });
    assert.equal(code, 2);
    assert.match(err, word);
  }
  const both = await uma.run(['register', '--input', '-', '--name', 'x'], { stdin: '{}' });
  assert.match(both.err, /leave out --name/);
  assert.equal((await uma.run(['register', '--scope', 'view'])).code, 2);
});
