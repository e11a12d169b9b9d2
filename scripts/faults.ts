// `npm run test:faults [-- --report FILE] [test file]...`: runs test/faults against real processes and a real PostgreSQL, and prints
// one table of what was counted. Ends with 1 when a test fails or a count is wrong.
// UMA_INTEROP_POSTGRES names a PostgreSQL that runs already, as for scripts/interop.ts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { columns, holds, markdown, report } from '../test/faults/report.ts';
import { ensureBuilt } from './fresh.ts';
import { startPostgres } from './postgres.ts';

const { values, positionals } = parseArgs({ options: { report: { type: 'string' } }, allowPositionals: true });
const files = positionals.length > 0 ? positionals : globSync('test/faults/*.test.ts');
if (files.length === 0) throw new Error('no test file found');
const HEAD = `# When something breaks

Counts of one run of \`npm run test:faults -- --report docs/faults.md\`, which runs \`test/faults\` against the built program, real processes and a
real PostgreSQL. CI runs it for every change and fails when a count is not what it has to be.`;
ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'uma-faults-'));
const path = join(folder, 'counts.jsonl');
const started = process.env.UMA_INTEROP_POSTGRES === undefined ? await startPostgres() : undefined;
try {
  const env = {
    ...process.env,
    UMA_FAULTS_REPORT: path,
    UMA_INTEROP_POSTGRES: started?.url ?? process.env.UMA_INTEROP_POSTGRES,
  };
  // One file after the other: each of them uses all cores there are.
  const args = ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-timeout=600000', ...files.sort()];
  const run = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [status] = (await once(run, 'exit')) as [number | null];
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  const { lines, tables } = report(text, columns);
  const wrong = lines.filter((line) => !holds(line)).length;
  console.log(`\n${tables.join('\n\n')}\n\n${lines.length} counts, ${wrong} wrong`);
  if (values.report !== undefined)
    writeFileSync(values.report, `${[HEAD, ...report(text, markdown).tables].join('\n\n')}\n`);
  process.exitCode = status === 0 && wrong === 0 && lines.length > 0 ? 0 : 1;
} finally {
  started?.remove();
  rmSync(folder, { recursive: true, force: true });
}
