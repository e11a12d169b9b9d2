// npm keycloak-connect, unchanged, as resource server and through its grant manager on the keycloak layout. Installed apart.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../../src/server/start.ts';
import { run } from './run.ts';

const folder = fileURLToPath(new URL('./keycloak-connect', import.meta.url));
const realm = new URL('../keycloak/photoz-realm.json', import.meta.url);

test('keycloak-connect: its enforcer in both modes, and every call of its grant manager, people who sign in', {
  timeout: 200_000,
}, async () => {
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  const server = await startServer({ port: 0, layout: 'keycloak', imported: JSON.parse(readFileSync(realm, 'utf8')) });
  try {
    assert.match(await run(process.execPath, ['walk.js', server.url], folder), /^done$/m);
  } finally {
    await server.close();
  }
});
