// Runs test/interop against real servers: starts the peers, runs the tests (or the files named), ends what it started.
// A peer that cannot be started is a failure, never a skipped test. UMA_INTEROP_KEYCLOAK names a Keycloak that runs already.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { ensureBuilt } from './fresh.ts';
import { startKeycloak, stopKeycloak } from './keycloak.ts';

const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync('test/interop/**/*.test.ts');
if (files.length === 0) throw new Error('no test file found');
ensureBuilt();
const given = process.env.UMA_INTEROP_KEYCLOAK;
try {
  const keycloak = given ?? (await startKeycloak());
  console.log(`Keycloak: ${keycloak}`);
  // One file after the other: they share the people and the resource server of one realm.
  const args = ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-timeout=120000', ...files.sort()];
  const run = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, UMA_INTEROP_KEYCLOAK: keycloak },
  });
  const [status] = (await once(run, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} finally {
  if (given === undefined) await stopKeycloak();
}
