/**
 * bench/: what `npm run bench` measures. A row is one file in rows/ and one line in registry.ts; run.ts prints what the rows give.
 * Server and load run on different cores (`taskset`), the server always on one. Nothing here is part of the program.
 *
 * This file: what a row is and what it gives.
 */
import { spawnSync } from 'node:child_process';
import type { AuthorizationServer, Process } from './processes.ts';

export interface Bench {
  /** The real Node binary, which is also what `uma` runs on. */
  node: string;
  /** Arguments that make `node` run `uma`. */
  uma: readonly string[];
  /** The generator of load. */
  load: Load;
  /** A bare `node:http` server on the server's core; started once. */
  bare(): Promise<Process>;
  /** `uma serve` on the server's core with people, a resource and a policy; started once. */
  as(): Promise<AuthorizationServer>;
  /** A directory of this run; gone at its end. */
  directory: string;
}

export interface Row {
  /** For `--only`. */
  id: string;
  /** What it needs that not every machine has: it runs only where `--only` names it, and fails where that is missing. */
  needs?: string;
  run(bench: Bench): Promise<Result[]>;
}

export interface Result {
  name: string;
  unit: 'ms' | '/s' | 'MiB';
  /** The median for times. For rates, good answers for each second that the server had of its core: what others do on the machine is not in it. */
  value: number;
  /** Rates as they were on the clock. */
  clock?: number;
  min?: number;
  max?: number;
  /** Milliseconds. */
  p50?: number;
  p99?: number;
  /** The same unit as `value`, measured around it in the same run. */
  baseline?: { name: string; value: number };
  /** `value` over `baseline`. */
  ratio?: number;
  /** What the project has promised; of the ratio where there is one, else of the value. */
  goal?: { at: 'most' | 'least'; limit: number };
  /** Share of one core that server and generator used, 0 to 1: who was the limit. */
  busy?: { server: number; generator: number };
  note?: string;
}

/** One kind of request, sent over and over. */
export interface Shot {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** A permission request whose ticket goes into the token request that follows on the same connection. */
export interface Chain {
  permission: Shot;
  /** The ticket is appended to its body. */
  token: Shot;
}

export interface LoadResult {
  /** Good answers (good pairs for a chain) a second on the clock. */
  rate: number;
  /** The same for a second of the server's core. */
  perCore: number;
  /** Milliseconds, of an answer or of a whole chain. */
  p50: number;
  p99: number;
  /** Share of one core. */
  busy: { server: number; generator: number };
}

export interface Load {
  /** In words, for the heading. */
  name: string;
  /** True when the generator is slower than a bare server: rates on the clock then say more about it than about the server. */
  isLimit: boolean;
  /**
   * `clients` connections on whichever core is free; absent: as many as keep a core busy, on the generator's own.
   * @throws Error when an answer was bad.
   */
  fire(target: Process, what: Shot | Chain, seconds: number, clients?: number): Promise<LoadResult>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Programs started one after the other, round by round: what the machine does besides meets them all. */
export interface Turns<N extends string> {
  has(name: N): boolean;
  /** The median of `name`, and its ratio to `than`, each start against the one of its own round. */
  result(name: N, title: string, beside?: { than: N; name: string; most?: number }): Result;
}

/** `commands` by name, program first. @throws Error when one ends with another exit code than 0. */
export function inTurns<N extends string>(
  rounds: number,
  env: NodeJS.ProcessEnv,
  commands: Partial<Record<N, string[]>>,
): Turns<N> {
  const entries = Object.entries(commands) as [N, [string, ...string[]]][];
  const times = new Map(entries.map(([name]) => [name, [] as number[]]));
  const run = ([program, ...args]: [string, ...string[]]) => {
    const before = performance.now();
    const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const took = performance.now() - before;
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
    return took;
  };
  // Twice unmeasured: compiled code is kept by the first run and used from the second on.
  for (const [, command] of [...entries, ...entries]) run(command);
  for (let round = 0; round < rounds; round += 1)
    for (const [name, command] of entries) times.get(name)!.push(run(command));
  return {
    has: (name) => times.has(name),
    result(name, title, beside) {
      const measured = times.get(name)!;
      const value = median(measured);
      const plain = { name: title, unit: 'ms' as const, value, min: Math.min(...measured), max: Math.max(...measured) };
      if (beside === undefined) return plain;
      const others = times.get(beside.than)!;
      return {
        ...plain,
        baseline: { name: beside.name, value: median(others) },
        ratio: median(measured.map((time, round) => time / others[round]!)),
        ...(beside.most === undefined ? {} : { goal: { at: 'most', limit: beside.most } }),
      };
    },
  };
}

export function meets({ value, ratio, goal }: Result): boolean | undefined {
  if (goal === undefined) return undefined;
  const measured = ratio ?? value;
  return goal.at === 'most' ? measured <= goal.limit : measured >= goal.limit;
}

/** A rate beside another server's; `least` is the promised part of it. */
export function rated(
  name: string,
  { rate, perCore, bare, ratio, p50, p99, busy }: LoadResult & { bare: number; ratio: number },
  least: number,
  other = 'bare node:http',
): Result {
  return {
    name,
    unit: '/s',
    value: perCore,
    clock: rate,
    p50,
    p99,
    busy,
    baseline: { name: other, value: bare },
    ratio,
    goal: { at: 'least', limit: least },
  };
}
