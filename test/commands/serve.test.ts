import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { BIN, serve, start, uma } from '../cli/uma.ts';

test('piped, one JSON object once it answers; SIGTERM and SIGINT end it with 0', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { issuer, pid, child } = await serve();
    assert.equal(pid, child.pid);
    const response = await fetch(`${issuer}/.well-known/uma2-configuration`);
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { issuer: string }).issuer, issuer);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  }
});

test('an idle keep-alive connection does not hold it up', async () => {
  const { issuer, child } = await serve();
  const request = get(`${issuer}/.well-known/uma2-configuration`, { headers: { connection: 'keep-alive' } });
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  await text(response);
  const began = performance.now();
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.ok(performance.now() - began < 2000);
});

test('a taken port is a clear error with the way out, exit 3', async () => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stdout, stderr } = await uma(['serve', '--port', String(port)]);
  taken.close();
  assert.equal(code, 3);
  assert.equal(stdout, '');
  assert.match(stderr, new RegExp(`${port}`));
  assert.match(stderr, /--port/);
});

test('a --data that cannot be made is an error, also where it once was a loop', {
  skip: process.platform !== 'linux',
}, () => {
  const args = [BIN, 'serve', '--port', '0', '--data', '/proc/nowhere/uma'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 10_000 });
  assert.equal(status, 3, stderr);
  assert.match(stderr, /\/proc\/nowhere/);
});

test("the walkthrough's public passwords are served on loopback only, exit 3", async () => {
  const { code, stderr } = await uma(['serve', '--port', '0', '--host', '0.0.0.0', '--insecure-http']);
  assert.equal(code, 3);
  assert.match(stderr, /--config/);
  assert.match(stderr, /--expose-demo-people/);
  const once = await uma(['serve', '--port', '0', '--host', '0.0.0.0', '--expose-demo-people']);
  assert.equal(once.code, 3);
  assert.match(once.stderr, /--insecure-http/);
});

test('bad flags: port, half a TLS pair, a configuration that is not there', async () => {
  assert.equal((await uma(['serve', '--port', '70000'])).code, 2);
  assert.equal((await uma(['serve', '--tls-cert', 'x'])).code, 2);
  for (const life of ['0', '1.5s', '500ms']) assert.equal((await uma(['serve', '--ticket-ttl', life])).code, 2, life);
  assert.equal((await uma(['serve', '--config', 'nowhere.json'])).code, 3);
});

test('Ctrl-C ends a command that waits with 130', async () => {
  const silent = createServer(() => {});
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const asked = once(silent, 'request');
  const child = start(['discover', '--issuer', `http://127.0.0.1:${port}`]);
  await asked;
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number];
  silent.closeAllConnections();
  silent.close();
  assert.equal(code, 130);
});
