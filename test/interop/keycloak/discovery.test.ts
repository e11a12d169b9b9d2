import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { DiscoveryReport } from '../../../src/client/report.ts';
import { issuer, openPeer } from './peer.ts';

const peer = openPeer();
after(() => peer.close());

test('uma discover names Keycloak, why, what works for each role, and what it does about each deviation', async () => {
  const report = await peer.ok<DiscoveryReport & Record<string, unknown>>(['discover', issuer()]);
  assert.equal(report.vendor, 'Keycloak');
  assert.equal(report.dialect, 'keycloak');
  assert.match(report.because, /uma-policy/);
  assert.ok(report.documents.every(({ state }) => state === 'found'));
  assert.deepEqual(
    report.documents.map(({ document }) => document),
    ['uma2-configuration', 'oauth-authorization-server', 'openid-configuration'],
  );
  assert.ok(report.roles.resource_server.every(({ works }) => works));
  assert.ok(report.roles.resource_owner.every(({ works }) => works));
  const missing = report.roles.requesting_party.filter(({ works }) => !works);
  assert.deepEqual(
    missing.map(({ what }) => what),
    ['claims gathered in a browser'],
  );
  assert.equal(report.origins.resource_owner_endpoint, 'dialect');
  assert.ok(report.deviations.length >= 10);
  const seen = await peer.run(['discover', issuer()], { tty: true });
  assert.match(seen.out, /differs permission requests must be an array .*\n\s+uma: sends one/);
});

test('a realm that does not exist: six places tried, exit 3', async () => {
  const { code, json } = await peer.run(['discover', `${issuer()}-nosuch`]);
  assert.equal(code, 3);
  assert.equal(json<DiscoveryReport & Record<string, unknown>>().documents.length, 6);
});

test('endpoints by hand and --dialect keycloak: no discovery, and the owner API is where the permission endpoint is', async () => {
  const realm = issuer();
  const nowhere = ['--issuer', 'http://127.0.0.1:1/nothing', '--dialect', 'keycloak'];
  const byHand = [
    ...['--token-endpoint', `${realm}/protocol/openid-connect/token`],
    ...['--permission-endpoint', `${realm}/authz/protection/permission`],
    ...['--resource-registration-endpoint', `${realm}/authz/protection/resource_set`],
  ];
  assert.ok(Array.isArray(await peer.ok(['resource', 'list', ...nowhere, ...byHand])));
  assert.ok(Array.isArray(await peer.ok(['request', 'list', ...nowhere, ...byHand])));
});

test('--dialect standard fails where the specification is not kept, and nothing is hidden', async () => {
  const { code, err } = await peer.run(['pat', '--dialect', 'standard']);
  assert.equal(code, 2);
  assert.match(err, /invalid_scope.*uma_protection/s);
});
