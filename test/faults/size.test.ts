// One owner with 10, 1,000, 10,000 and 100,000 resources (as much history, and pending requests up to 10,000): what a page of each
// list, an RPT and an introspection cost does not grow. A cost is CPU of the server and its database, so that others on the machine
// are not in it, and is compared with the cost at ten only.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openSqlite } from '../../src/server/stores/sqlite.ts';
import { temporaryDirectory } from '../cli/uma.ts';
import { administer } from '../interop/postgres/peer.ts';
import type { Answer } from '../server/http/harness.ts';
import { type Instances, instances, onFile } from './instances.ts';
import { onPostgres } from './places.ts';
import { counts, curve } from './report.ts';

const SIZES = [10, 1000, 10_000, 100_000] as const;
const MOST_REQUESTS = 10_000;
/** Of each kind of request: so many between two looks at the CPU, and so many times; the least counts, without what the engine cleans up. */
const REPEATS = 30;
const LOOKS = 3;
/** A list that is read to its end costs hundreds of times as much. */
const AT_MOST = 5;

// Rows as the server writes them; %n is the number of one.
const RESOURCE = JSON.stringify({ resource_scopes: ['view'], name: 'Photo %n' });
const ENTRY = JSON.stringify({ id: 'h-%n', owner: 'alice', type: 'resource_registered', at: 1, resource_id: 'r-%n' });
const ASKED = JSON.stringify({
  id: 'q-%n',
  owner: 'alice',
  status: 'pending',
  resource_id: 'r-%n',
  scopes: ['view'],
  party: { iss: 'https://idp.example', sub: 'p-%n' },
  client_id: 'UmaClient',
  created_at: 1,
});

interface Server {
  as: Instances;
  /** From so many rows to so many. */
  grow(from: number, to: number): Promise<void>;
  /** Whose CPU counts. */
  pids(): number[] | Promise<number[]>;
}

function growFile(path: string): Server['grow'] {
  return async (from, to) => {
    const file = new DatabaseSync(path, { timeout: 5000 });
    const into = (sql: string) => file.prepare(sql);
    const resource = into(
      'INSERT INTO resources (id, owner, rs, description, created_at, updated_at) VALUES (?, ?, ?, ?, 1, 1)',
    );
    const entry = into('INSERT INTO history (owner, type, resource_id, data) VALUES (?, ?, ?, ?)');
    const asked = into(
      'INSERT INTO requests (id, owner, status, resource_id, party_iss, party_sub, client_id, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    file.exec('BEGIN IMMEDIATE');
    for (let n = from + 1; n <= to; n += 1) {
      const of = (text: string) => text.replaceAll('%n', String(n));
      resource.run(of('r-%n'), 'alice', 'UMA-Resource-Server', of(RESOURCE));
      entry.run('alice', 'resource_registered', of('r-%n'), of(ENTRY));
      if (n <= MOST_REQUESTS)
        asked.run(
          of('q-%n'),
          'alice',
          'pending',
          of('r-%n'),
          'https://idp.example',
          of('p-%n'),
          'UmaClient',
          of(ASKED),
        );
    }
    file.exec('COMMIT');
    file.close();
  };
}

function growDatabase(url: string): Server['grow'] {
  const of = (text: string) => `replace('${text}', '%n', n::text)`;
  return async (from, to) => {
    const rows = (last: number) => `generate_series(${from + 1}, ${Math.min(to, last)}) AS n`;
    await administer(
      `INSERT INTO resources (id, owner, rs, description, created_at, updated_at)
         SELECT ${of('r-%n')}, 'alice', 'UMA-Resource-Server', ${of(RESOURCE)}, 1, 1 FROM ${rows(to)};
       INSERT INTO history (owner, type, resource_id, data) SELECT 'alice', 'resource_registered', ${of('r-%n')}, ${of(ENTRY)} FROM ${rows(to)};
       INSERT INTO requests (id, owner, status, resource_id, party_key, open_key, data, decision)
         SELECT ${of('q-%n')}, 'alice', 'pending', ${of('r-%n')}, ${of('p-%n')}, ${of('o-%n')}, ${of(ASKED)}, '{}' FROM ${rows(MOST_REQUESTS)};`,
      url,
    );
  };
}

/** Nanoseconds of CPU that each of these processes has had so far, all threads. One that has ended is left out. */
function cpu(pids: readonly number[]): Map<number, number> {
  const had = new Map<number, number>();
  for (const pid of pids) {
    try {
      const threads = readdirSync(`/proc/${pid}/task`);
      const each = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
      had.set(
        pid,
        each.map(Number).reduce((sum, one) => sum + one, 0),
      );
    } catch {
      // An idle connection of the pool.
    }
  }
  return had;
}

async function costOf(pids: Server['pids'], one: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look += 1) {
    const before = cpu(await pids());
    for (let turn = 0; turn < REPEATS; turn += 1) await one();
    const spent = [...cpu(await pids())].map(([pid, now]) => now - (before.get(pid) ?? 0));
    least = Math.min(
      least,
      spent.reduce((sum, each) => sum + each, 0),
    );
  }
  return least;
}

interface Owned {
  pat: string;
  token: string;
  claims: string;
  /** A resource that Bob may view. */
  id: string;
  rpt: string;
}

/** One approved request and one denied one. */
async function begin(as: Instances): Promise<Owned> {
  const [pat, token, claims] = [await as.pat(), await as.ownerToken(), await as.claimToken()];
  const ask = async (id: string, verb: 'approve' | 'deny') => {
    await as.redeem(await as.ticket(pat, id), claims);
    const { body } = await as.json('GET', '/owner/requests?status=pending', token);
    await as.json('POST', `/owner/requests/${body.requests[0].id}/${verb}`, token, {});
  };
  const id = await as.register(pat);
  await ask(id, 'approve');
  await ask(await as.register(pat), 'deny');
  return { pat, token, claims, id, rpt: (await as.redeem(await as.ticket(pat, id), claims)).body.access_token };
}

async function measure(
  server: Server,
  owned: Owned,
  size: number,
  store: string,
  warming = 20,
): Promise<Map<string, number>> {
  const { as, pids } = server;
  const { pat, token, claims, id, rpt } = owned;
  const get = (path: string) => as.json('GET', `/owner/${path}`, token);
  /** The path of the last page, found as a client finds it. */
  const last = async (path: string, members: string, total: number): Promise<string> => {
    const seen = new Set<string>();
    let at = '';
    for (let next: string | undefined = ''; next !== undefined; ) {
      at = next;
      const { body } = await get(`${path}&limit=200${next}`);
      for (const item of body[members]) seen.add(item.id ?? item._id);
      next = body.next === undefined ? undefined : `&after=${body.next}`;
    }
    counts('lists of one owner, page by page', store)(
      `${members} of ${size.toLocaleString('en')}, each once`,
      seen.size,
      total,
    );
    return `${path}&limit=10${at}`;
  };
  const resources = await last('resources?', 'resources', size + 2);
  const requests = await last('requests?status=pending', 'requests', Math.min(size, MOST_REQUESTS));
  const work: [string, () => Promise<Answer>][] = [
    ['one RPT: permission and redemption', async () => as.redeem(await as.ticket(pat, id), claims)],
    ['one introspection', () => as.post('/introspect', { token: rpt }, pat)],
    ['one resource by its id', () => as.json('GET', `/resource_set/${id}`, pat)],
    ['resources, first page', () => get('resources?limit=10')],
    ['resources, last page', () => get(resources)],
    ['pending requests, first page', () => get('requests?status=pending&limit=10')],
    ['pending requests, last page', () => get(requests)],
    ['approved requests (there is one)', () => get('requests?status=approved&limit=10')],
    ['policies of a resource', () => get(`policies?resource_id=${id}&limit=10`)],
    ['history, first page', () => get('history?limit=10')],
    ['history of one resource', () => get('history?resource_id=r-1&limit=10')],
    ['history of a type (there is one)', () => get('history?type=request_denied&limit=10')],
  ];
  const costs = new Map<string, number>();
  for (const [name, one] of work) {
    for (let warm = 0; warm < warming; warm += 1) assert.equal((await one()).status, 200, name);
    costs.set(name, await costOf(pids, one));
  }
  return costs;
}

async function compare(store: string, server: Server): Promise<void> {
  const owned = await begin(server.as);
  const bySize: Map<string, number>[] = [];
  let from = 0;
  for (const size of SIZES) {
    await server.grow(from, size);
    // What the engine compiles at first is no cost of ten.
    bySize.push(await measure(server, owned, size, store, from === 0 ? 200 : undefined));
    from = size;
  }
  const count = counts(`${SIZES.at(-1)!.toLocaleString('en')} resources of one owner, CPU over that with ten`, store);
  for (const [name, cost] of bySize[0]!) {
    const ratios = bySize.map((costs) => Math.round((costs.get(name)! / cost) * 100) / 100);
    curve({ store, name, sizes: SIZES, ratios });
    count(name, Math.max(...ratios), `at most ${AT_MOST}`);
  }
}

test('an owner with 100,000 resources and 10,000 pending requests, on a SQLite file: pages, an RPT and an introspection cost what they cost with ten', async (t) => {
  const place = onFile(t);
  const as = await instances(t, place, 1);
  const pids = () => as.members.map(({ child }) => child.pid!);
  await compare('SQLite file', { as, grow: growFile(join(place.directory, 'uma.sqlite')), pids });
});

test('an owner with 100,000 resources and 10,000 pending requests, on PostgreSQL: pages, an RPT and an introspection cost what they cost with ten', async (t) => {
  const place = await onPostgres(t);
  const as = await instances(t, place, 1);
  const url = place.env.UMA_STORE!;
  // The worst that a planner can know: nothing, however long this takes.
  for (const table of ['resources', 'policies', 'requests', 'history'])
    await administer(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`, url);
  // Those of the server's connections: what the database does on its own is not a cost of a request.
  const backends = `SELECT pid FROM pg_stat_activity WHERE application_name = 'uma'`;
  const pids = async () => [
    ...as.members.map(({ child }) => child.pid!),
    ...(await administer(backends)).map(({ pid }) => Number(pid)),
  ];
  await compare('PostgreSQL', { as, grow: growDatabase(url), pids });
});

/** Statements that are about all rows: the export, the keys, what a test of emptiness asks. */
const WHOLE = /FROM keys/;

test('every statement of the SQLite driver finds its rows by an index', async () => {
  const prepared: string[] = [];
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (sql: string) {
    prepared.push(sql);
    return prepare.call(this, sql);
  };
  const path = join(temporaryDirectory(), 'uma.sqlite');
  await (await openSqlite({ path })).close();
  DatabaseSync.prototype.prepare = prepare;
  const file = new DatabaseSync(path);
  const statements = prepared.filter(
    (sql) => /^\s*(SELECT|UPDATE|DELETE)/.test(sql) && !WHOLE.test(sql) && !/pragma/.test(sql),
  );
  const reading = statements.filter((sql) => {
    const plan = file.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    return plan.some(({ detail }) => /^SCAN (?!json_each)|USE TEMP B-TREE/.test(detail));
  });
  file.close();
  const count = counts('query plans of all statements', 'SQLite file');
  count('statements', statements.length, 'at least 40');
  assert.deepEqual(reading, []);
  count('that read a whole table or sort', reading.length, 0);
});
