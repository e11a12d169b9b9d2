// `uma conformance` as a person runs it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  uma = await startUma();
});
after(() => uma.close());

test('--init prints a commented configuration for the server named', async () => {
  const { code, out } = await uma.run(['conformance', 'https://as.example', '--init']);
  assert.equal(code, 0);
  assert.match(out, /"issuer": "https:\/\/as\.example"/);
  assert.match(out, /\/\/ How an owner decides/);
});

test('another server without a configuration is exit 3 and names --init', async () => {
  const { code, err, out } = await uma.run(['conformance', uma.server.issuer]);
  assert.equal(code, 3);
  assert.equal(out, '');
  assert.match(err, /--init/);
});

const WALKTHROUGH = {
  resource_servers: [{ client_id: 'UMA-Resource-Server', client_secret: 'password' }],
  clients: { main: { client_id: 'UmaClient', client_secret: 'password' } },
  owner_client: { client_id: 'uma-cli' },
  owner_side: 'owner-api',
  owners: [{ username: 'alice', password_env: 'ALICE' }],
  parties: [{ username: 'bob', password: 'password' }],
  // Only what is quick.
  patience: 0,
};

test('credentials go to the server that the file names, and to no other', async () => {
  const file = uma.file('other.json', JSON.stringify({ ...WALKTHROUGH, issuer: 'https://as.example' }));
  const { code, err } = await uma.run(['conformance', uma.server.issuer, '--config', file], {
    env: { ALICE: 'password' },
  });
  assert.equal(code, 3);
  assert.match(err, /is about https:\/\/as\.example/);
});

test('a running server is tested from a file; reports are written; the plain password grant is exit 10', async () => {
  const file = uma.file('conformance.json', JSON.stringify({ ...WALKTHROUGH, issuer: uma.server.issuer }));
  const at = (name: string) => join(uma.directory, name);
  const reports = ['json', 'junit', 'html'].flatMap((format) => ['--report', `${format}=${at(`report.${format}`)}`]);
  const argv = ['conformance', uma.server.issuer, '--config', file, '--suite', 'core', ...reports];
  const ran = await uma.run(argv, { env: { ALICE: 'password' } });
  assert.equal(ran.code, 10, ran.err);
  const { ok, profiles, rows, totals } = ran.json<{
    ok: boolean;
    profiles: string[];
    rows: { requirement: string; status: string; detail?: string }[];
    totals: Record<string, Record<string, number>>;
  }>();
  assert.equal(ok, false);
  assert.deepEqual(profiles, ['core']);
  const failed = rows.filter(({ status }) => status === 'fail').map(({ requirement }) => requirement);
  assert.deepEqual(failed, ['GRANT-5-01', 'FED-1.3-01', 'SEC-8414-01', 'SEC-7009-06'], 'plain http and nothing else');
  assert.ok((totals.MUST?.pass ?? 0) > 20);
  const isolated = rows.find(({ requirement }) => requirement === 'FED-3.2.5-02');
  assert.equal(isolated?.detail, 'not configured: a second owner');
  assert.match(readFileSync(at('report.html'), 'utf8'), /^<!doctype html>/);
  assert.match(readFileSync(at('report.junit'), 'utf8'), /<testsuites name="uma conformance"/);
  assert.equal((JSON.parse(readFileSync(at('report.json'), 'utf8')) as { ok: boolean }).ok, false);
  assert.match(ran.err, /\[1\/\d+\] /, 'one line for each check where there is no terminal');
});

test('a stopped server is exit 8', async () => {
  const file = join(uma.directory, 'nobody.json');
  writeFileSync(file, JSON.stringify({ ...WALKTHROUGH, issuer: 'http://127.0.0.1:1' }));
  const { code, err } = await uma.run(['conformance', '--config', file], { env: { ALICE: 'password' } });
  assert.equal(code, 8);
  assert.match(err, /127\.0\.0\.1:1/);
});

test('an unknown suite or report is a usage error', async () => {
  for (const argv of [
    ['--suite', 'everything'],
    ['--report', 'pdf'],
  ]) {
    const { code } = await uma.run(['conformance', ...argv]);
    assert.equal(code, 2);
  }
});

test('a report that cannot be written is told before the run', async () => {
  const file = join(uma.directory, 'no-such-folder', 'report.html');
  const { code, err } = await uma.run(['conformance', '--report', `html=${file}`]);
  assert.equal(code, 2);
  assert.match(err, /report\.html cannot be written: ENOENT/);
  assert.doesNotMatch(err, /\[1\//);
});

test('a wrong client secret is exit 4 and names the client, not a finding about the server', async () => {
  const clients = { main: { client_id: 'UmaClient', client_secret: 'a-wrong-secret' } };
  const file = uma.file('wrong.json', JSON.stringify({ ...WALKTHROUGH, clients, issuer: uma.server.issuer }));
  const { code, err, out } = await uma.run(['conformance', '--config', file], { env: { ALICE: 'password' } });
  assert.equal(code, 4);
  assert.equal(out, '');
  assert.match(err, /does not accept the client UmaClient/);
  assert.doesNotMatch(err, /a-wrong-secret/);
});

test('a wrong password keeps what needs it out of reach, and accuses the server of nothing', async () => {
  const file = uma.file('password.json', JSON.stringify({ ...WALKTHROUGH, issuer: uma.server.issuer }));
  const argv = ['conformance', '--config', file, '--suite', 'core', '-o', 'text'];
  const { code, out, err } = await uma.run(argv, { env: { ALICE: 'a-wrong-password' } });
  assert.equal(code, 10);
  assert.equal(out.match(/alice could not be signed in at client/g)?.length, 1, 'each reason once');
  assert.doesNotMatch(out + err, /a-wrong-password/);
});
