// `uma serve --store`: the built program against a real PostgreSQL.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { start, temporaryDirectory, uma } from '../../cli/uma.ts';
import { administer, freshSchema, STORE_KEY } from './peer.ts';

const directory = temporaryDirectory();
const sealed = { UMA_STORE_KEY: STORE_KEY };

/** The address of an empty schema, without its password, and the password. */
async function place(context: TestContext): Promise<{ url: string; whole: string; password: string }> {
  const schema = await freshSchema();
  context.after(schema.drop);
  const bare = new URL(schema.url);
  const { password } = bare;
  bare.password = '';
  return { url: bare.href, whole: schema.url, password };
}

function secretFile(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const ways: [
  name: string,
  (at: Awaited<ReturnType<typeof place>>) => { args: string[]; env?: Record<string, string> },
][] = [
  ['UMA_STORE', ({ whole }) => ({ args: [], env: { UMA_STORE: whole } })],
  [
    '--store-password-file',
    ({ url, password }) => ({
      args: ['--store', url, '--store-password-file', secretFile('password', `${password}\n`)],
    }),
  ],
  [
    'PGPASSFILE',
    ({ url, password }) => ({
      args: ['--store', url],
      env: { PGPASSFILE: secretFile('pgpass', `127.0.0.1:*:*:uma:${password}\n`) },
    }),
  ],
];

for (const [name, way] of ways) {
  test(`the password comes by ${name}; what one run knows the next one knows`, async (t) => {
    const at = await place(t);
    const { args, env = {} } = way(at);
    const kids: unknown[] = [];
    for (let run = 0; run < 2; run += 1) {
      const child = start(['serve', '--port', '0', ...args], { env: { ...sealed, ...env } });
      const said: string[] = [];
      child.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
      const [line] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as [Buffer];
      assert.ok(line instanceof Buffer, said.join(''));
      const { issuer } = JSON.parse(line.toString()) as { issuer: string };
      const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string }[] };
      kids.push(keys[0]?.kid);
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      assert.equal(said.join('').includes(at.password), false);
    }
    assert.equal(kids[0], kids[1]);
  });
}

test('a password in argv is a usage error (exit 2) that names the ways out and never prints it (conventions 6)', async () => {
  const secret = 'tr0ub4dor-and-3';
  for (const url of [`postgres://uma:${secret}@127.0.0.1/db`, `postgres://uma@127.0.0.1/db?password=${secret}`]) {
    const { code, stdout, stderr } = await uma(['serve', '--port', '0', '--store', url, '-vv']);
    assert.equal(code, 2);
    assert.equal((stdout + stderr).includes(secret), false);
    assert.match(stderr, /--store-password-file.*PGPASSFILE.*UMA_STORE/);
  }
});

test('wrong flags: two stores (2), another scheme (2), a password for nothing (2)', async () => {
  const url = 'postgres://uma@127.0.0.1/db';
  assert.equal((await uma(['serve', '--port', '0', '--store', url, '--data', directory])).code, 2);
  assert.equal((await uma(['serve', '--port', '0', '--store', 'mysql://db'])).code, 2);
  assert.equal((await uma(['serve', '--port', '0', '--store-password-file', '-'], { stdin: 'x' })).code, 2);
});

test('a wrong password is configuration (3), nobody at the address network (8); neither prints the password', async (t) => {
  const { whole } = await place(t);
  const wrong = new URL(whole);
  wrong.password = 'not-this-one';
  const refused = await uma(['serve', '--port', '0'], { env: { ...sealed, UMA_STORE: wrong.href } });
  assert.deepEqual([refused.code, refused.stdout], [3, '']);
  assert.match(refused.stderr, /password authentication failed/);
  wrong.port = '1';
  const absent = await uma(['serve', '--port', '0'], { env: { ...sealed, UMA_STORE: wrong.href } });
  assert.deepEqual([absent.code, absent.stdout], [8, '']);
  assert.equal((refused.stderr + absent.stderr).includes('not-this-one'), false);
});

test('signing keys stand sealed in the database; without a key, or with another one, no server starts (3)', async (t) => {
  const { whole, url } = await place(t);
  const serve = (env: Record<string, string>, ...args: string[]) =>
    uma(['serve', ...args], { env: { UMA_STORE: whole, ...env } });
  assert.equal((await serve(sealed, 'keys', 'rotate')).code, 0);
  const [row] = await administer('SELECT jwk FROM keys', whole);
  assert.deepEqual(Object.keys(JSON.parse(String(row?.jwk))), ['alg', 'jwe']);
  const missing = await uma(['serve', '--port', '0', '--store', url]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /--store-key-file/);
  const other = await serve({ UMA_STORE_KEY: Buffer.alloc(32).toString('base64') }, '--port', '0');
  assert.equal(other.code, 3);
  assert.match(other.stderr, /another key/);
});

test('uma serve check looks at the database and writes nothing: empty, in use, of a newer program, another key, no rights', async (t) => {
  const { url, whole } = await place(t);
  const check = async (env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await uma(['serve', 'check'], { env: { ...sealed, UMA_STORE: whole, ...env } });
    const { store, faults } = JSON.parse(stdout) as {
      store?: { schema: number; newest: number };
      faults: { code: string; message: string }[];
    };
    assert.equal(stderr, '');
    return { code, store, faults: faults.map(({ code: fault }) => fault), stdout };
  };
  const tables = () =>
    administer('SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = current_schema()', whole);
  const empty = await check();
  assert.deepEqual([empty.code, empty.store?.schema, empty.faults], [0, 0, []]);
  assert.deepEqual(await tables(), [{ count: 0 }]);

  assert.equal((await uma(['serve', 'keys', 'rotate'], { env: { ...sealed, UMA_STORE: whole } })).code, 0);
  const { newest } = empty.store!;
  assert.deepEqual((await check()).store, { schema: newest, newest });
  const other = await check({ UMA_STORE_KEY: Buffer.alloc(32, 1).toString('base64') });
  assert.deepEqual([other.code, other.faults], [3, ['store_key_wrong']]);
  await administer('UPDATE uma_schema SET version = 1000', whole);
  assert.deepEqual((await check()).faults, ['store_too_new']);

  const wrong = new URL(url);
  wrong.password = 'not-the-password';
  const refused = await check({ UMA_STORE: wrong.href });
  assert.deepEqual([refused.code, refused.faults], [3, ['store_unusable']]);
  assert.ok(!refused.stdout.includes('not-the-password'));
  wrong.pathname = '/nowhere';
  wrong.password = new URL(whole).password;
  assert.deepEqual((await check({ UMA_STORE: wrong.href })).faults, ['store_unusable']);

  const stranger = `stranger_${randomBytes(4).toString('hex')}`;
  await administer(`CREATE ROLE ${stranger} LOGIN PASSWORD 'hush'`);
  t.after(() => administer(`DROP ROLE ${stranger}`));
  const second = await place(t);
  const theirs = new URL(second.whole);
  [theirs.username, theirs.password] = [stranger, 'hush'];
  const powerless = await check({ UMA_STORE: theirs.href.replaceAll('+', '%20') });
  assert.deepEqual(powerless.faults, ['store_unusable']);
  assert.match(powerless.stdout, /may not make tables/);
});
