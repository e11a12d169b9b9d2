// Runs the test suite: every test/**/*.test.ts outside interop/, faults/ and bench/, or the files named on the command line.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensureBuilt } from './fresh.ts';

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
const args = ['--import', 'tsx', '--test', '--test-timeout=120000', concurrency, ...files.sort()];
const run = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exitCode = run.status ?? 1;
