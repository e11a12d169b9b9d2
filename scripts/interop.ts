// Runs test/interop against real servers: starts the peers, runs the tests (or the files named), ends what it started.
// A peer that cannot be started is a failure, never a skipped test. Only the peers of the files that run are started.
// UMA_INTEROP_KEYCLOAK names a Keycloak that runs already, UMA_INTEROP_POSTGRES the URL of a PostgreSQL (its user may do everything).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { ensureBuilt } from './fresh.ts';
import { startKeycloak, stopKeycloak } from './keycloak.ts';
import { type Postgres, startPostgres } from './postgres.ts';

const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync('test/interop/**/*.test.ts');
if (files.length === 0) throw new Error('no test file found');
ensureBuilt();
// A suite of another folder that talks to a peer imports its peer.ts.
const needs = (peer: string) =>
  files.some((file) => file.includes(`interop/${peer}/`) || readFileSync(file, 'utf8').includes(`/${peer}/peer.ts'`));
const env = { ...process.env };
let keycloakIsOurs = false;
let postgres: Postgres | undefined;
try {
  if (needs('keycloak')) {
    keycloakIsOurs = env.UMA_INTEROP_KEYCLOAK === undefined;
    env.UMA_INTEROP_KEYCLOAK ??= await startKeycloak();
    console.log(`Keycloak: ${env.UMA_INTEROP_KEYCLOAK}`);
  }
  if (needs('postgres') && env.UMA_INTEROP_POSTGRES === undefined) {
    postgres = await startPostgres();
    env.UMA_INTEROP_POSTGRES = postgres.url;
    console.log(`PostgreSQL: ${new URL(postgres.url).host}`);
  }
  // One file after the other: they share the people and the resource server of one realm.
  const args = ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-timeout=120000', ...files.sort()];
  const run = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [status] = (await once(run, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} finally {
  if (keycloakIsOurs) await stopKeycloak();
  postgres?.remove();
}
