import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, renameSync, statSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { start, temporaryDirectory, uma } from '../cli/uma.ts';
import { CLIENT, Harness } from '../server/http/harness.ts';

interface Served {
  as: Harness;
  admin: string;
  stderr: string[];
  pid: number;
  /** The exit code. */
  stop(): Promise<number | null>;
}

async function serve(t: TestContext, ...args: string[]): Promise<Served> {
  const child = start(['serve', '--port', '0', ...args]);
  const exit = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    return (await exit)[0] as number | null;
  };
  t.after(stop);
  const stderr: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => stderr.push(line));
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const { issuer, admin, pid } = JSON.parse(line) as { issuer: string; admin: string; pid: number };
  const server = { issuer, url: issuer, switches: [], notes: [], close: async () => {} };
  return { as: new Harness(server, []), admin, stderr, pid, stop };
}

test('--admin-port: health and metrics at an address of their own, for this machine’s names only', async (t) => {
  const { as, admin } = await serve(t, '--admin-port', '0');
  assert.notEqual(new URL(admin).port, new URL(as.server.issuer).port);
  const live = await as.send(`${admin}/health/live`);
  assert.deepEqual([live.status, live.body], [200, { status: 'ok' }]);
  const ready = await as.send(`${admin}/health/ready`);
  assert.deepEqual([ready.status, ready.body.status], [200, 'ready']);
  await as.pat();
  const metrics = await as.send(`${admin}/metrics`);
  assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.text, /^uma_sign_ins_total\{outcome="accepted"\} 1$/m);
  assert.match(metrics.text, /^process_start_time_seconds \d+/m);
  assert.equal((await as.send(`${admin}/token`)).status, 404);
  assert.equal((await as.send(`${admin}/metrics`, { method: 'POST' })).status, 405);
  assert.equal((await as.send('/metrics')).status, 404, 'peers see none of it');
});

test('--workers: ready when all are, counts of all together', async (t) => {
  const { as, admin, stop } = await serve(t, '--admin-port', '0', '--workers', '2', '--data', temporaryDirectory());
  // Each request over a connection of its own: the system hands them out.
  const close = { headers: { connection: 'close' } };
  await Promise.all(Array.from({ length: 40 }, () => as.send('/jwks', close)));
  assert.equal((await as.send(`${admin}/health/ready`)).body.status, 'ready');
  const { text } = await as.send(`${admin}/metrics`);
  assert.match(text, /^uma_http_request_duration_seconds_count\{route="\/jwks",method="GET",status="200"\} 40$/m);
  assert.equal(await stop(), 0);
});

test('--audit-log: a file of this user’s own, added to; SIGHUP begins a new one', async (t) => {
  const directory = temporaryDirectory();
  const path = join(directory, 'audit.jsonl');
  const { as, pid, stop } = await serve(t, '--audit-log', path);
  await as.pat();
  const events = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event as string);
  assert.deepEqual(events(path), ['sign_in', 'token_granted']);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const moved = join(directory, 'audit.1');
  renameSync(path, moved);
  await as.pat();
  assert.deepEqual(events(moved), ['sign_in', 'token_granted', 'sign_in', 'token_granted']);
  const changes = watch(directory);
  process.kill(pid, 'SIGHUP');
  await once(changes, 'change');
  changes.close();
  await as.pat('bob');
  assert.deepEqual(events(path), ['sign_in', 'token_granted']);
  assert.equal(await stop(), 0);
  const again = await serve(t, '--audit-log', path);
  await again.as.pat();
  assert.equal(events(path).length, 4, 'added to');
});

test('--audit-log -: on standard output, after the line that says where the server is', async (t) => {
  const child = start(['serve', '--port', '0', '--audit-log', '-']);
  t.after(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const { issuer } = JSON.parse((await lines.next()).value as string);
  const as = new Harness({ issuer, url: issuer, switches: [], notes: [], close: async () => {} }, []);
  await as.pat();
  assert.equal(JSON.parse((await lines.next()).value as string).event, 'sign_in');
});

test('the log: JSON lines where nobody reads along; --log-level debug has a line for each request, without what was in it', async (t) => {
  const { as, stderr, stop } = await serve(t, '--log-level', 'debug');
  const answer = await as.post(
    '/token?ticket=in-the-query',
    { grant_type: 'password', password: 'typed-password' },
    CLIENT,
  );
  await stop();
  const lines = stderr.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.match(String(lines[0]?.msg), /^uma serve listens on/);
  const request = lines.find(({ msg }) => msg === 'request');
  assert.deepEqual(
    [request?.level, request?.method, request?.route, request?.status, request?.ip],
    ['debug', 'POST', '/token', 400, '127.0.0.1'],
  );
  assert.equal(request?.request_id, answer.headers.get('x-request-id'));
  assert.doesNotMatch(stderr.join('\n'), /in-the-query|typed-password/);
});

test('--log-format text: what people read; --log-level error is silent', async (t) => {
  const text = await serve(t, '--log-format', 'text');
  await text.stop();
  assert.match(text.stderr.join('\n'), /^uma serve listens on http/);
  const silent = await serve(t, '--log-level', 'error');
  await silent.stop();
  assert.deepEqual(silent.stderr, []);
});

test('refused before anything is served: an audit log that cannot be written (3), a taken admin port (3), half of the pair (2)', async () => {
  const serves = (...args: string[]) => uma(['serve', '--port', '0', ...args]);
  const audit = await serves('--audit-log', join(temporaryDirectory(), 'nowhere', 'audit.jsonl'));
  assert.equal(audit.code, 3);
  assert.match(audit.stderr, /audit log cannot be written.*ENOENT/);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const admin = await serves('--admin-port', String(port));
  taken.close();
  assert.equal(admin.code, 3);
  assert.match(admin.stderr, /--admin-port/);
  assert.equal((await serves('--admin-host', '127.0.0.1')).code, 2);
});
