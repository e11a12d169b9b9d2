// What every layout is held to, and that `standard` is the house itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LAYOUTS } from '../../../src/commands/serve.ts';
import { UmaError } from '../../../src/protocol/errors.ts';
import { LAYOUT_NAMES, layoutOf } from '../../../src/server/layouts/index.ts';
import { startServer } from '../../../src/server/start.ts';

test('--layout takes the names that the registry has', () => {
  assert.deepEqual([...LAYOUTS], [...LAYOUT_NAMES]);
});

test('an unknown layout is a usage error that names the others', async () => {
  await assert.rejects(
    () => startServer({ port: 0, layout: 'openldap' }),
    (error) =>
      error instanceof UmaError &&
      error.category === 'usage' &&
      error.code === 'unknown_layout' &&
      LAYOUT_NAMES.every((name) => error.hint?.includes(name)),
  );
});

test('standard changes nothing: no path, no switch, no hook', async () => {
  const { name, issuerPath, switches, fixture, ...hooks } = await layoutOf('standard');
  assert.deepEqual([name, issuerPath, switches, hooks], ['standard', '', [], {}]);
  assert.equal(fixture({}, '').people[0]?.username, 'alice');
});

test('every layout answers under its issuer, names its switches with reasons, and keeps its public passwords on loopback', async () => {
  for (const name of LAYOUT_NAMES) {
    const layout = await layoutOf(name);
    for (const { name: key, reason } of layout.switches) assert.ok(key !== '' && reason.length > 20, `${name}: ${key}`);
    const server = await startServer({ port: 0, layout: name });
    try {
      assert.equal(server.issuer, server.url + layout.issuerPath);
      const response = await fetch(`${server.issuer}/.well-known/uma2-configuration`);
      assert.equal(response.status, 200, name);
      const document = (await response.json()) as Record<string, string>;
      assert.equal(document.issuer, server.issuer);
      for (const endpoint of ['token_endpoint', 'permission_endpoint', 'resource_registration_endpoint']) {
        const { status } = await fetch(document[endpoint]!, { method: 'POST' });
        assert.ok([400, 401, 403].includes(status), `${name}: ${endpoint} ${document[endpoint]} answered ${status}`);
      }
    } finally {
      await server.close();
    }
    await assert.rejects(
      () => startServer({ host: '0.0.0.0', port: 0, layout: name, insecureHttp: true }),
      (error) => error instanceof UmaError && error.code === 'walkthrough_not_local',
    );
  }
});
