/** What only some vendors have: refused in words by a server that is not one of them, before anything is asked of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DiscoveryReport } from '../../src/client/report.ts';
import { startUma, type Uma } from './uma.ts';

let uma: Uma;
before(async () => {
  uma = await startUma();
});
after(() => uma.close());

test('flags of a vendor that this server is not: exit 2, which one, and what to try', async () => {
  const token = uma.file('token', 'token');
  const cases: [string, string[]][] = [
    ['audience', ['--audience', 'UMA-Resource-Server']],
    ['submit_request', ['--ticket', 't', '--no-submit-request']],
    ['bearer', ['--ticket', 't', '--bearer-file', token]],
    ['bearer', ['--ticket', 't', '--as-party']],
    ['response_mode', ['--ticket', 't', '--response-mode', 'decision']],
  ];
  for (const [name, flags] of cases) {
    const { code, err, out } = await uma.run(['rpt', '--party', 'bob', ...flags]);
    assert.equal(code, 2, err);
    assert.equal(out, '');
    assert.match(err, new RegExp(`"${name}" is no part of UMA.*--dialect keycloak`, 's'));
  }
});

test('--audience takes the place of a ticket: it is not asked for, nor with it', async () => {
  const { code, err } = await uma.run(['rpt', '--audience', 'a', '--ticket', 't', '--dialect', 'keycloak']);
  assert.equal(code, 2);
  assert.match(err, /a ticket and an audience exclude each other/);
});

test('a resource by its URI, where nothing has that id or name', async () => {
  const registered = await uma.run(['register', '--name', 'Photo', '--scope', 'view', '--uri', '/photos/1']);
  const { _id } = registered.json<{ _id: string }>();
  const { code, json, err } = await uma.run(['resource', 'show', '/photos/1']);
  assert.equal(code, 0, err);
  assert.equal(json()._id, _id);
  const ticket = await uma.run(['ticket', '--resource', '/photos/1', '--scope', 'view']);
  assert.equal(ticket.code, 0, ticket.err);
  assert.match(ticket.err, new RegExp(`"/photos/1" is the resource ${_id}`));
});

test('discovery says that no vendor was recognised, and why a named one does not show', async () => {
  const report = (await uma.run(['discover'])).json<DiscoveryReport & Record<string, unknown>>();
  assert.equal(report.vendor, undefined);
  assert.match(report.because, /no sign of a known vendor/);
  assert.deepEqual(report.deviations, []);
  const named = (await uma.run(['discover', '--dialect', 'keycloak'])).json<
    DiscoveryReport & Record<string, unknown>
  >();
  assert.equal(named.vendor, 'Keycloak');
  assert.match(named.because, /named by --dialect/);
});
