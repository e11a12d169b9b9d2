// org.keycloak:keycloak-authz-client, unchanged, through its whole API on the keycloak layout. Needs Java 17 or newer and Maven.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../../src/server/start.ts';
import { run } from './run.ts';

const folder = fileURLToPath(new URL('./authz-client', import.meta.url));
const realm = new URL('../keycloak/photoz-realm.json', import.meta.url);

test('keycloak-authz-client: every call', { timeout: 400_000 }, async () => {
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';
  const resolved = spawnSync('mvn', ['-B', '-q', '-ntp', goal, '-Dmdep.outputFile=target/classpath'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(resolved.status, 0, `mvn: ${resolved.error?.message ?? `${resolved.stdout}${resolved.stderr}`}`);
  const classpath = readFileSync(`${folder}/target/classpath`, 'utf8');
  const server = await startServer({ port: 0, layout: 'keycloak', imported: JSON.parse(readFileSync(realm, 'utf8')) });
  try {
    assert.match(await run('java', ['-cp', classpath, 'src/main/java/Walk.java', server.url], folder), /^done$/m);
  } finally {
    await server.close();
  }
});
