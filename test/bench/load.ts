/** Generators of load: wrk, or a small one in Node that is named as the limit it is. Both run on a core of their own. */
import { type ChildProcess, execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LOAD_CORE, type Process, pinned } from './processes.ts';
import { type Chain, type Load, type LoadResult, median, type Shot } from './row.ts';

/** Connections of a run; a chain has one thread for each. */
const CONNECTIONS = { single: 32, chain: 16 };

/** Answers before a measurement: compiled for speed is what runs often, and that takes some thousand of them. */
const WARM = 8000;

interface Counted {
  good: number;
  bad: number;
  seconds: number;
  p50: number;
  p99: number;
}

export function wrkLoad(directory: string): Load {
  const version = spawnSync('wrk', ['-v'], { encoding: 'utf8' });
  if (version.error !== undefined)
    throw new Error(
      'wrk is not installed (apt-get install wrk); `npm run bench -- --generator node` measures without it, but then the generator is the limit',
    );
  const name = /^wrk \S+/.exec(version.stdout)?.[0] ?? 'wrk';
  return {
    name: `${name} on core ${LOAD_CORE}, ${CONNECTIONS.single} connections (exchange: ${CONNECTIONS.chain} threads of one connection, Lua)`,
    isLimit: false,
    async fire(target, what, seconds, clients) {
      const chain = 'permission' in what;
      const shots = chain ? [what.permission, what.token] : [what];
      const file = join(directory, 'shots.lua');
      writeFileSync(file, `return ${lua(shots)}\n`, { mode: 0o600 });
      const connections = clients ?? (chain ? CONNECTIONS.chain : CONNECTIONS.single);
      const threads = chain ? connections : 1;
      const script = fileURLToPath(new URL(`wrk/${chain ? 'chain' : 'single'}.lua`, import.meta.url));
      const args = [`-t${threads}`, '--timeout', '30s', `-c${connections}`, `-d${seconds}s`, '-s', script, target.url];
      return watch(placed(clients, 'wrk', args), { BENCH_SHOTS: file }, undefined, target, seconds);
    },
  };
}

export function nodeLoad(node: string): Load {
  return {
    name: `Node on core ${LOAD_CORE}, ${CONNECTIONS.single} connections: THE GENERATOR IS THE LIMIT of rates on the clock and of latencies`,
    isLimit: true,
    fire(target, what, seconds, clients) {
      const connections = clients ?? ('permission' in what ? CONNECTIONS.chain : CONNECTIONS.single);
      const script = fileURLToPath(new URL('node-load.ts', import.meta.url));
      const order = JSON.stringify({ url: target.url, what, seconds, connections });
      return watch(placed(clients, node, [script]), {}, order, target, seconds);
    },
  };
}

const placed = (clients: number | undefined, command: string, args: string[]): [string, string[]] =>
  clients === undefined ? pinned(LOAD_CORE, command, args) : [command, args];

/** Runs a generator that prints its counts as the last line, and looks how busy both sides are meanwhile. */
async function watch(
  [command, args]: [string, string[]],
  env: Record<string, string>,
  input: string | undefined,
  target: Process,
  seconds: number,
): Promise<LoadResult> {
  let child!: ChildProcess;
  const finished = new Promise<string>((resolve, reject) => {
    child = execFile(command, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${command} failed: ${error.message} ${stderr}`)),
    );
  });
  // It may fail before anybody waits for it.
  finished.catch(() => {});
  child.stdin?.end(input);
  // A window inside the run: start and end are not load.
  await setTimeout(seconds * 150);
  const before = cpu(target.pid, child.pid);
  await setTimeout(seconds * 700);
  const after = cpu(target.pid, child.pid);
  const output = await finished;
  const counted = JSON.parse(output.trim().split('\n').at(-1)!) as Counted;
  if (counted.bad > 0 || counted.good === 0)
    throw new Error(`${counted.bad} bad answers and ${counted.good} good ones from ${target.url}`);
  const share = (of: 'server' | 'generator') => (after[of] - before[of]) / (after.at - before.at);
  const busy = { server: share('server'), generator: share('generator') };
  const rate = counted.good / counted.seconds;
  return { rate, perCore: rate / busy.server, p50: counted.p50, p99: counted.p99, busy };
}

/** Seconds of CPU used so far, from /proc (100 ticks a second on every Linux that Node runs on). */
function cpu(server: number, generator: number | undefined): { at: number; server: number; generator: number } {
  const used = (pid: number | string | undefined): number => {
    try {
      // With --workers the children do the work.
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
      const ofChildren = children.map(used).reduce((sum, each) => sum + each, 0);
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return ofChildren + (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      return Number.NaN;
    }
  };
  return { at: performance.now() / 1000, server: used(server), generator: used(generator) };
}

/** A Lua literal; strings here are printable ASCII, in which JSON and Lua agree. */
function lua(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(lua).join(',')}}`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, item]) => `[${JSON.stringify(name)}]=${lua(item)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}

/** Turns of both servers, and seconds of each. */
const TURNS = 5;
const SECONDS = 2;

/** `what` beside another server, in turns: a slow moment of the machine meets both. All medians; `ratio` is of each turn. */
export async function beside(
  load: Load,
  other: Process,
  target: Process,
  what: Shot | Chain,
): Promise<LoadResult & { bare: number; ratio: number }> {
  const plain: Shot = { method: 'GET', path: '/', headers: {} };
  // By answers, not by time: on a busy machine a second would leave most of the code as it was loaded.
  for (let answers = 0, turn = 0; answers < WARM && turn < 5; turn += 1)
    answers += (await load.fire(target, what, 1)).rate;
  await load.fire(other, plain, 1);
  const turns: { bare: number; measured: LoadResult }[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { perCore: bare } = await load.fire(other, plain, SECONDS);
    turns.push({ bare, measured: await load.fire(target, what, SECONDS) });
  }
  const middle = (value: (of: LoadResult) => number) => median(turns.map(({ measured }) => value(measured)));
  return {
    rate: middle(({ rate }) => rate),
    perCore: middle(({ perCore }) => perCore),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    busy: { server: middle(({ busy }) => busy.server), generator: middle(({ busy }) => busy.generator) },
    bare: median(turns.map(({ bare }) => bare)),
    ratio: median(turns.map(({ bare, measured }) => measured.perCore / bare)),
  };
}
