import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { loopbackCertificate } from '../../src/commands/conformance/certificate.ts';
import { startServer } from '../../src/server/start.ts';
import { serve } from '../cli/uma.ts';
import { runUma } from './uma.ts';

interface Checked {
  ok: boolean;
  issuer?: string;
  store?: { schema: number; newest: number };
  not_taken_over: string[];
  faults: { code: string; path?: string; message: string; hint?: string }[];
}

const directory = mkdtempSync(join(tmpdir(), 'uma-check-'));
after(() => rmSync(directory, { recursive: true }));

let made = 0;
function file(content: unknown, mode = 0o600): string {
  made += 1;
  const path = join(directory, `${made}.file`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

const run = (args: readonly string[], options = {}) => runUma(['serve', 'check', ...args], options, directory);

async function check(args: readonly string[]): Promise<Checked> {
  const { code, out, err, json } = await run(args);
  const checked = json<Checked>();
  assert.equal(err, '');
  assert.equal(out.trim().split('\n').length, 1);
  assert.equal(code, checked.ok ? 0 : 3, out);
  assert.equal(checked.ok, checked.faults.length === 0);
  return checked;
}

const codes = ({ faults }: Checked) => faults.map(({ code }) => code);
const paths = ({ faults }: Checked) => faults.map(({ path }) => path);

const GOOD = {
  people: [{ username: 'alice', password: 'open sesame' }],
  clients: [{ client_id: 'photos', client_secret: 'hush', grant_types: ['client_credentials'] }],
};

test('a good configuration: one JSON object and 0; on a terminal one line', async () => {
  const config = file(GOOD);
  assert.deepEqual(await check(['--config', config]), {
    ok: true,
    issuer: 'http://127.0.0.1:9400',
    not_taken_over: [],
    faults: [],
  });
  const shown = await run(['--config', config, '--issuer', 'https://as.example/t'], { tty: true });
  assert.deepEqual([shown.code, shown.out], [0, 'uma serve would start as https://as.example/t\n']);
});

test('all faults of the shape at once, more than eight of them, by the path of the member; no secret among them', async () => {
  const config = file({
    people: [{ username: 1, foo: 2, bar: 3, password: '' }, {}, { username: 'x', password: 's3cret', email: 7 }],
    clients: [{ client_id: 'c', client_secret: ['s3cret'], redirect_uris: 's3cret' }],
    lifetimes: { ticket: 0, rpt: 'x' },
    cors_origins: 4,
  });
  const checked = await check(['--config', config]);
  assert.deepEqual(paths(checked).sort(), [
    'clients[0].client_secret',
    'clients[0].redirect_uris',
    'cors_origins',
    'lifetimes.rpt',
    'lifetimes.ticket',
    'people[0].bar',
    'people[0].foo',
    'people[0].password',
    'people[0].username',
    'people[1].username',
    'people[2].email',
  ]);
  assert.ok(!JSON.stringify(checked).includes('s3cret'));
  const { out } = await run(['--config', config], { tty: true });
  assert.match(out, /^\S+: people\[1\]\.username is required$/m);
});

test('all faults of the meaning at once, several of one item too, files it names among them, and none that only follows from another', async () => {
  const secret = file('hush', 0o644);
  const config = file({
    people: [{ username: 'alice', password: 'a', password_hash: 'b' }, { username: 'alice' }],
    clients: [
      { client_id: 'a', client_secret_file: 'nowhere', grant_types: ['client_credentials'] },
      { client_id: 'b', client_secret_file: secret, grant_types: ['client_credentials'] },
      { client_id: 'c', redirect_uris: ['/here', 'https://c.example/#x'] },
    ],
    resources: [{ id: 'r', owner: 'eve', rs: 'z', resource_scopes: ['view'] }],
    policies: [
      { owner: 'eve', resource_id: 'r', effect: 'allow', subject: { party: { username: 'alice' } } },
      { owner: 'alice', resource_id: 'q', effect: 'allow', subject: { party: { iss: 'x' } } },
    ],
    trusted_issuers: [{ issuer: 'x', jwks_file: 'nowhere' }],
  });
  const checked = await check(['--config', config]);
  assert.deepEqual(paths(checked), [
    'clients[0].client_secret_file',
    'clients[1].client_secret_file',
    'clients[2].redirect_uris[0]',
    'clients[2].redirect_uris[1]',
    'people[0].password',
    'people[0].password_hash',
    'people[1].username',
    'policies[0].owner',
    'policies[1].resource_id',
    'policies[1].subject.party',
    'resources[0].owner',
    'resources[0].rs',
    'trusted_issuers[0].jwks_file',
  ]);
  const open = checked.faults[1]!;
  assert.equal(open.code, 'file_open_to_others');
  assert.match(open.hint ?? '', /chmod 600/);
  // `uma serve` itself names the first of them and how to see the rest.
  const { code, err } = await runUma(['serve', '--port', '0', '--config', config], {}, directory);
  assert.equal(code, 3);
  assert.match(err, /clients\[0\].*people\[0\].*and 8 more/);
  assert.match(err, /uma serve check --config/);
});

test('a client that the OAuth core would refuse at its first request is found', async () => {
  const config = file({
    clients: [{ client_id: 'web', client_secret: 'hush', redirect_uris: ['http://as.example/callback', 'my.app:/x'] }],
  });
  const { faults } = await check(['--config', config]);
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['invalid_client'],
  );
  assert.match(faults[0]!.message, /"web"/);
});

test('a file that others can read is named with everything else that is wrong: mode, JSON, TLS, issuer, exposure', async () => {
  const config = file('{"people": [}', 0o644);
  const faults = await check([
    ...['--config', config, '--issuer', 'https://as.example/', '--host', '0.0.0.0'],
    ...['--tls-cert', 'nowhere', '--tls-key', 'nowhere', '--trust-proxy', 'somebody'],
  ]);
  assert.deepEqual(codes(faults), [
    'file_open_to_others',
    'invalid_config',
    'invalid_proxy',
    'invalid_issuer',
    'tls_unusable',
  ]);
  assert.deepEqual(codes(await check(['--config', config, '--allow-readable-files'])), ['invalid_config']);
  // The people of the walkthrough, over plain http, where others are.
  assert.deepEqual(codes(await check(['--host', '0.0.0.0'])), ['insecure_http', 'walkthrough_not_local']);
});

test('TLS files: readable, a pair, good today, and the key nobody else’s', async () => {
  const [one, other] = [loopbackCertificate(), loopbackCertificate()];
  const old = loopbackCertificate(new Date('2020-01-01'));
  const tls = (pair: { cert: string; key: string }, mode = 0o600) => [
    ...['--config', file(GOOD), '--host', '0.0.0.0'],
    ...['--tls-cert', file(pair.cert), '--tls-key', file(pair.key, mode)],
  ];
  assert.deepEqual(codes(await check(tls(one))), []);
  assert.deepEqual(codes(await check(tls({ ...one, key: other.key }))), ['tls_unusable']);
  assert.deepEqual(codes(await check(tls({ ...one, cert: 'no certificate' }))), ['tls_unusable']);
  assert.deepEqual(codes(await check(tls(one, 0o640))), ['file_open_to_others']);
  const expired = await check(tls(old));
  assert.deepEqual(codes(expired), ['certificate_not_valid']);
  assert.match(expired.faults[0]!.message, /2020-01-02/);
});

test('--data: what is not there is not made, what is there is not written, also beside a running server', async () => {
  const data = join(directory, 'data');
  const fresh = await check(['--data', join(data, 'deeper')]);
  const { newest } = fresh.store!;
  assert.deepEqual(fresh.store, { schema: 0, newest });
  assert.ok(newest > 0);
  assert.equal(existsSync(data), false);

  const server = await startServer({ port: 0, dataDir: data });
  const contents = () => readdirSync(data).map((name) => [name, readFileSync(join(data, name)).toString('base64')]);
  // A log that is not empty: what it holds counts.
  assert.deepEqual((await check(['--data', data])).store, { schema: newest, newest });
  await server.close();
  const before = contents();
  assert.deepEqual((await check(['--data', data])).store, { schema: newest, newest });
  assert.deepEqual(contents(), before);
});

test('--data: after a kill -9 what stands in the log only counts, and log and database stay as they are', async () => {
  const data = join(directory, 'killed');
  const { child } = await serve(['--data', data]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const contents = () =>
    ['uma.sqlite', 'uma.sqlite-wal', 'uma.key'].map((name) => readFileSync(join(data, name)).toString('base64'));
  const before = contents();
  const { store } = await check(['--data', data]);
  assert.ok(store !== undefined && store.schema === store.newest && store.schema > 0);
  assert.deepEqual(contents(), before);
});

test('--audit-log: a file that cannot be written is found, none is made', async () => {
  const log = join(directory, 'audit.jsonl');
  assert.deepEqual(codes(await check(['--audit-log', log])), []);
  assert.equal(existsSync(log), false);
  assert.deepEqual(codes(await check(['--audit-log', directory])), ['audit_log_unusable']);
  assert.deepEqual(codes(await check(['--audit-log', join(directory, 'nowhere', 'audit.jsonl')])), [
    'audit_log_unusable',
  ]);
});

test('--data: a newer schema, no database, a file of others, the key of another store', async () => {
  const data = join(directory, 'faulty');
  await (await startServer({ port: 0, dataDir: data })).close();
  const [database, key] = [join(data, 'uma.sqlite'), join(data, 'uma.key')];
  const rightKey = readFileSync(key);
  writeFileSync(key, Buffer.alloc(32, 1).toString('base64'));
  assert.deepEqual(codes(await check(['--data', data])), ['store_key_wrong']);
  rmSync(key);
  assert.deepEqual(codes(await check(['--data', data])), ['store_key_wrong']);
  assert.equal(existsSync(key), false, 'and none is made');
  writeFileSync(key, 'short', { mode: 0o600 });
  assert.deepEqual(codes(await check(['--data', data])), ['invalid_store_key']);
  writeFileSync(key, rightKey);
  chmodSync(database, 0o644);
  assert.deepEqual(codes(await check(['--data', data])), ['file_open_to_others']);
  chmodSync(database, 0o600);
  const handle = new DatabaseSync(database);
  handle.exec('PRAGMA user_version = 1000');
  handle.close();
  assert.deepEqual(codes(await check(['--data', data])), ['store_too_new']);
  writeFileSync(database, 'no database at all, but long enough to be looked at as one'.repeat(100));
  assert.deepEqual(codes(await check(['--data', data])), ['store_unusable']);
  assert.deepEqual(codes(await check(['--data', file('')])), ['store_unusable']);
});

test('--store: nobody there, and no key for it', async () => {
  const store = ['--store', 'postgres://uma@127.0.0.1:9/uma'];
  assert.deepEqual(codes(await check(store)), ['store_key_missing']);
  const key = file(Buffer.alloc(32, 7).toString('base64'));
  const { faults } = await check([...store, '--store-key-file', key]);
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['store_unavailable'],
  );
  assert.match(faults[0]!.message, /ECONNREFUSED/);
  chmodSync(key, 0o644);
  assert.deepEqual(codes(await check([...store, '--store-key-file', key])), ['file_open_to_others']);
});

test('--import: what is not taken over is named; a realm file of another shape is a fault', async () => {
  const realm = {
    realm: 'photoz',
    users: [{ username: 'alice' }],
    otpPolicyType: 'totp',
    smtpServer: { host: 'mail' },
  };
  const checked = await check(['--import', file(realm)]);
  assert.equal(checked.ok, true);
  assert.equal(checked.issuer, 'http://127.0.0.1:9400/realms/photoz');
  assert.ok(checked.not_taken_over.includes('smtpServer'), checked.not_taken_over.join());
  const shown = await run(['--import', file(realm)], { tty: true });
  assert.match(shown.out, /^not taken over from \S+: smtpServer$/m);
  assert.deepEqual(codes(await check(['--import', file({ realm: 7 })])), ['invalid_realm']);
  assert.deepEqual(codes(await check(['--import', file('{', 0o644)])), ['file_open_to_others']);
  assert.deepEqual(codes(await check(['--import', join(directory, 'nowhere')])), ['invalid_realm']);
});

test('a wrong call is 2, as for uma serve', async () => {
  const config = file(GOOD);
  for (const args of [
    ['--tls-cert', 'x'],
    ['--config', config, '--import', config],
    ['--workers', '2'],
    ['--config', config, 'more'],
  ]) {
    const { code, out } = await run(args);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
  }
  mkdirSync(join(directory, 'd'));
  assert.deepEqual(codes(await check(['--workers', '2', '--data', join(directory, 'd')])), []);
});
