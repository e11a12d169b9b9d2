// Runs the test suite: every test/**/*.test.ts outside interop/, faults/ and bench/, or the files named on the command line.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensureBuilt } from './fresh.ts';
import { openLedger } from './secrets.ts';

const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : globSync('test/**/*.test.ts').filter((file) => !/^test\/(interop|faults|bench)\//.test(file));
if (files.length === 0) throw new Error('no test file found');
// Once, before test files run side by side.
ensureBuilt();
// The runner's own default leaves one core idle, which on a machine with two is half of it.
const concurrency = `--test-concurrency=${availableParallelism()}`;
const ledger = openLedger();
const reporters = ['stdout', ledger.report].flatMap((to) => [
  '--test-reporter=spec',
  `--test-reporter-destination=${to}`,
]);
const args = ['--import', 'tsx', '--test', '--test-timeout=120000', concurrency, ...reporters, ...files.sort()];
const run = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...ledger.env } });
process.exitCode = run.status ?? 1;
// No secret of the run stands in anything that it has told people.
if (!ledger.check(named.length === 0)) process.exitCode = 1;
