import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { DiscoveryReport } from '../../src/client/report.ts';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  uma = await startUma();
});
after(() => uma.close());

test('the built-in server offers everything to every role', async () => {
  const { code, json } = await uma.run(['discover']);
  assert.equal(code, 0);
  const report = json<DiscoveryReport & Record<string, unknown>>();
  assert.equal(report.issuer, uma.server.issuer);
  assert.equal(report.documents[0]?.state, 'found');
  const { resource_server, resource_owner } = report.roles;
  assert.ok([...resource_server, ...resource_owner].every(({ works }) => works));
  const seen = await uma.run(['discover'], { tty: true });
  assert.match(seen.out, /resource owner\n {2}works {3}requests, policies, revoking/);
});

test('a server that publishes nothing: the report of where it was looked for, exit 3', async (t) => {
  const empty = createServer((_request, response) => {
    response.statusCode = 404;
    response.end('no');
  });
  t.after(() => empty.close());
  await new Promise<void>((resolve) => empty.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(empty.address() as AddressInfo).port}/realm`;
  const { code, json } = await uma.run(['discover', issuer]);
  assert.equal(code, 3);
  assert.equal(json<DiscoveryReport & Record<string, unknown>>().documents.length, 6);
});

test('a server that does not answer is exit 8 with the address tried', async () => {
  const gone = await startUma();
  const { issuer } = gone.server;
  await gone.close();
  for (const argv of [
    ['discover', issuer],
    ['pat', '--issuer', issuer],
  ]) {
    const { code, err } = await uma.run(argv);
    assert.equal(code, 8);
    assert.ok(err.includes(issuer));
  }
});

test('every endpoint by hand: no discovery is needed', async () => {
  const report = (await uma.run(['discover'])).json<DiscoveryReport & Record<string, unknown>>();
  const { metadata } = report;
  // The profile's people are for any loopback issuer; this one has no documents at all.
  const issuer = 'http://127.0.0.1:1';
  const { code, err } = await uma.run([
    ...['register', '--name', 'By hand', '--scope', 'view', '--issuer', issuer, '-v'],
    ...['--token-endpoint', String(metadata.token_endpoint)],
    ...['--resource-registration-endpoint', String(metadata.resource_registration_endpoint)],
  ]);
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /well-known/);
});

test('an argument that is no address', async () => {
  assert.equal((await uma.run(['discover', 'nowhere'])).code, 2);
});
