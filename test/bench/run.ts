/**
 * `npm run bench [-- --json FILE] [--only ROW]... [--generator wrk|node] [--check]`: one run, one table.
 * `--check` ends with exit 1 when a goal is missed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeLoad, wrkLoad } from './load.ts';
import { type AuthorizationServer, type Process, startBare, startServe } from './processes.ts';
import { ROWS } from './registry.ts';
import { type Bench, meets, type Result } from './row.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    generator: { type: 'string', default: 'wrk' },
    check: { type: 'boolean', default: false },
  },
});

async function run(): Promise<void> {
  const known = ROWS.map(({ id }) => id);
  const unknown = options.only?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new Error(`there is no row ${unknown}; rows: ${known.join(' ')}`);
  if (!existsSync(at('dist/main.cjs'))) throw new Error('the program is not built: npm run build');
  if (availableParallelism() < 2 || spawnSync('taskset', ['-V']).error !== undefined)
    throw new Error('server and load need a core each, and taskset to put them there (Linux)');

  const directory = mkdtempSync(join(tmpdir(), 'uma-bench-'));
  const running: Process[] = [];
  try {
    // The binary itself: a script in front of it would be measured with it.
    const node = realpathSync(at('node_modules/.bin/node'));
    const uma = [at('bin/uma.js')];
    const env = { ...process.env, UMA_CONFIG_DIR: join(directory, 'config') };
    const load = options.generator === 'node' ? nodeLoad(node) : wrkLoad(directory);
    const kept = async <P extends Process>(starting: Promise<P>): Promise<P> => {
      const started = await starting;
      running.push(started);
      return started;
    };
    let bare: Promise<Process> | undefined;
    let as: Promise<AuthorizationServer> | undefined;
    const bench: Bench = {
      node,
      uma,
      load,
      directory,
      bare: () => (bare ??= kept(startBare(node))),
      as: () => (as ??= kept(startServe(node, uma, env))),
    };

    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`Node ${version}, ${cpus()[0]?.model ?? 'unknown processor'}, server on one core`);
    console.log(`load: ${load.name}\n`);
    const results: Result[] = [];
    console.log('Rates: answers for each second that the server had of its core; "clock": as they were on the clock.');
    console.log(line(HEADING));
    for (const row of ROWS) {
      if (options.only === undefined ? row.needs !== undefined : !options.only.includes(row.id)) continue;
      for (const result of await row.run(bench)) {
        results.push(result);
        console.log(line(cells(result)));
      }
    }
    if (options.json !== undefined) {
      const report = {
        node: version,
        cpu: cpus()[0]?.model,
        generator: load.name,
        generator_is_limit: load.isLimit,
        results,
      };
      writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    }
    const missed = results.filter((result) => meets(result) === false);
    if (missed.length > 0) console.log(`\nmissed: ${missed.map(({ name }) => name).join(', ')}`);
    if (options.check && missed.length > 0) process.exitCode = 1;
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  }
}

const HEADING = ['', 'value', 'clock', 'min..max', 'p50 ms', 'p99 ms', 'baseline', 'ratio', 'goal', '', 'busy'];
const WIDTHS = [40, 12, 9, 14, 7, 7, 22, 7, 8, 4, 0];
const line = (values: readonly string[]) =>
  values.map((value, column) => (column === 0 ? value.padEnd(WIDTHS[0]!) : value.padStart(WIDTHS[column]!))).join(' ');

function cells(result: Result): string[] {
  const { name, unit, value, min, max, p50, p99, baseline, ratio, goal, busy } = result;
  const number = (of: number) => (unit === 'ms' ? of.toFixed(1) : Math.round(of).toLocaleString('en'));
  const limit = goal && (ratio === undefined ? `${goal.limit} ${unit}` : goal.limit.toFixed(goal.limit < 1 ? 3 : 1));
  const met = meets(result);
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return [
    name,
    `${number(value)} ${unit}`,
    result.clock === undefined ? '' : number(result.clock),
    min === undefined || max === undefined ? '' : `${number(min)}..${number(max)}`,
    p50?.toFixed(2) ?? '',
    p99?.toFixed(2) ?? '',
    baseline === undefined ? '' : `${baseline.name} ${number(baseline.value)}`,
    ratio?.toFixed(ratio < 1 ? 3 : 2) ?? '',
    goal === undefined ? '' : `${goal.at === 'most' ? '<=' : '>='}${limit}`,
    met === undefined ? '' : met ? 'yes' : 'NO',
    busy === undefined ? '' : `server ${percent(busy.server)}, load ${percent(busy.generator)}`,
  ];
}

try {
  await run();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
