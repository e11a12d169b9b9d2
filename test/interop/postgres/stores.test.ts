import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import pg from 'pg';
import type { UmaError } from '../../../src/protocol/errors.ts';
import { policy, request, resource, rpt } from '../../../src/server/stores/conformance/fixtures.ts';
import { startProcess } from '../../../src/server/stores/conformance/processes.ts';
import { assertUsed, fill, recordsOf } from '../../../src/server/stores/conformance/transfer.ts';
import {
  basicLevel,
  durabilityLevel,
  expiryLevel,
  isolationLevel,
  type StoreDriver,
  singleUseLevel,
  transferLevel,
} from '../../../src/server/stores/conformance.ts';
import { openPostgres } from '../../../src/server/stores/postgres.ts';
import { restore } from '../../../src/server/stores/records.ts';
import { openSqlite } from '../../../src/server/stores/sqlite.ts';
import type { Stores } from '../../../src/server/stores/types.ts';
import { administer, freshSchema, type Schema } from './peer.ts';

const MODULE = new URL('../../../src/server/stores/postgres.ts', import.meta.url).href;
const elsewhere = ({ url }: Schema) => ({ module: MODULE, name: openPostgres.name, argument: { url, connections: 2 } });

const postgres: StoreDriver = {
  name: 'PostgreSQL',
  async create() {
    const schema = await freshSchema();
    const more: Stores[] = [];
    const open = () => openPostgres({ url: schema.url, connections: 5 });
    return {
      stores: await open(),
      async again() {
        const stores = await open();
        more.push(stores);
        return stores;
      },
      elsewhere: elsewhere(schema),
      async dispose() {
        for (const stores of more) await stores.close();
        await schema.drop();
      },
    };
  },
};

basicLevel(postgres);
singleUseLevel(postgres);
isolationLevel(postgres);
expiryLevel(postgres);
durabilityLevel(postgres);
transferLevel(postgres);

async function schemaFor(context: TestContext): Promise<Schema> {
  const schema = await freshSchema();
  context.after(schema.drop);
  return schema;
}

async function opened(context: TestContext, url: string): Promise<Stores> {
  const stores = await openPostgres({ url, connections: 5 });
  context.after(() => stores.close());
  return stores;
}

it('instances that start at once set the database up once', async (t) => {
  const schema = await schemaFor(t);
  const [racers] = await Promise.all([
    Promise.all([1, 2, 3].map(() => startProcess(t, elsewhere(schema)))),
    ...[1, 2, 3, 4, 5].map(() => opened(t, schema.url)),
  ]);
  assert.deepEqual(await racers[0]?.ask('write', ['photo']), ['photo']);
  const taken = await Promise.all(racers.map((racer) => racer.ask('take', ['open-photo'])));
  assert.deepEqual(taken.flat(), ['open-photo']);
  assert.deepEqual(await administer(`SELECT count(*)::int AS rows FROM ${schema.name}.uma_schema`), [{ rows: 1 }]);
});

it('a database of a newer program is refused and left as it is', async (t) => {
  const { url, name } = await schemaFor(t);
  await (await openPostgres({ url })).close();
  await administer(`UPDATE ${name}.uma_schema SET version = 999`);
  await assert.rejects(openPostgres({ url }), { category: 'config', code: 'store_too_new' });
  assert.deepEqual(await administer(`SELECT version FROM ${name}.uma_schema`), [{ version: 999 }]);
});

it('a wrong password, a database that is not there and nobody at the address are told apart, and no message holds the password', async (t) => {
  const { url } = await schemaFor(t);
  const change = (edit: (url: URL) => void) => {
    const changed = new URL(url);
    edit(changed);
    return changed.href;
  };
  const cases = [
    [change((at) => Object.assign(at, { password: 'not-this-one' })), { category: 'config', code: 'store_unusable' }],
    [change((at) => Object.assign(at, { pathname: '/nowhere' })), { category: 'config', code: 'store_unusable' }],
    [change((at) => Object.assign(at, { port: '1' })), { category: 'network', code: 'store_unavailable' }],
  ] as const;
  for (const [wrong, expected] of cases) {
    await assert.rejects(openPostgres({ url: wrong }), (error: UmaError) => {
      assert.equal(error.message.includes(new URL(wrong).password), false, error.message);
      assert.deepEqual({ category: error.category, code: error.code }, expected);
      return true;
    });
  }
});

it('ids and names with NUL, controls and lone surrogates, and longer than an index takes', async (t) => {
  const { resources, policies, requests, rpts, once, artifacts } = await opened(t, (await schemaFor(t)).url);
  const odd = 'a\0b\x01c\x01\x02\ud800';
  const id = 'nul \0 \x01 \x01\x02';
  await resources.create({ ...resource(id), description: { resource_scopes: [odd], name: odd } });
  const found = await resources.get(id);
  assert.equal(found?.id, id);
  assert.deepEqual(found?.description, { resource_scopes: [odd], name: odd });
  assert.deepEqual(await resources.ids({ owner: 'alice', rs: 'photos' }), [id]);
  assert.equal(await resources.get('nul  '), undefined);
  await policies.create(policy('p', { resource_id: id }));
  assert.deepEqual(await policies.ofResources([id]), [policy('p', { resource_id: id })]);
  await rpts.put(rpt('k', { permissions: [{ resource_id: id, resource_scopes: [] }] }));
  assert.equal(await rpts.withdraw(id, {}), 1);
  const long = Array.from({ length: 2000 }, (_, index) => index.toString(36)).join('-');
  const party = { iss: 'https://idp.example', sub: long };
  assert.equal((await requests.file(request('long', { party }))).created, true);
  assert.equal((await requests.file(request('again', { party }))).created, false);
  assert.equal(await once.first(long, 0, 10), true);
  assert.equal(await once.first(long, 1, 10), false);
  assert.equal(await artifacts.get('Client', odd, 0), undefined);
});

it('SQLite takes over what PostgreSQL has, and PostgreSQL takes it back', async (t) => {
  const stores = await opened(t, (await schemaFor(t)).url);
  const memory = await openSqlite();
  const back = await opened(t, (await schemaFor(t)).url);
  await fill(stores);
  const records = await recordsOf(stores);
  for (const record of records) await restore(memory, record);
  for await (const record of memory.records()) await restore(back, record);
  assert.deepEqual(await recordsOf(back), records);
  await assertUsed(back);
  await assertUsed(memory);
  await memory.close();
});

it('two sweeps at once share the work, and pass over what a request holds', async (t) => {
  const schema = await schemaFor(t);
  const [a, b] = [await opened(t, schema.url), await opened(t, schema.url)];
  await administer(
    `INSERT INTO ${schema.name}.once (key, expires_at) SELECT 'old-' || n, 10 FROM generate_series(1, 3000) AS n`,
  );
  const client = new pg.Client({ connectionString: schema.url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`SELECT FROM once WHERE key = 'old-7' FOR UPDATE`);
  const [first, second] = await Promise.all([a.sweep(10), b.sweep(10)]);
  await client.query('ROLLBACK');
  await client.end();
  assert.equal(first + second, 2999);
  assert.equal(await a.sweep(10), 1);
});

it('withdrawals of the same RPTs from many sides at once all end (no deadlock)', async (t) => {
  const { url } = await schemaFor(t);
  const sides = [await opened(t, url), await opened(t, url)];
  for (let index = 0; index < 60; index += 1) await sides[0]?.rpts.put(rpt(`k-${index}`));
  const counts = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? sides[index % sides.length]?.rpts.withdraw('photo', { owner: 'alice' })
        : sides[1]?.rpts.revoke({ rs: 'photos' }),
    ),
  );
  assert.equal(
    counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    60,
  );
});
