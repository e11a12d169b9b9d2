/** Start of the program: `uma --version` and one `uma ticket`, taken in turns with `node -e 0`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, type Result, type Row } from '../row.ts';

const ROUNDS = 15;

export const start: Row = {
  id: 'start',
  async run({ node, uma, as, directory }) {
    const server = await as();
    const env = { ...process.env, UMA_CONFIG_DIR: join(directory, 'config'), UMA_ISSUER: server.url };
    const run = (args: readonly string[]) => {
      const before = performance.now();
      const { status, stderr } = spawnSync(node, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      const took = performance.now() - before;
      if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
      return took;
    };
    const commands = {
      node: ['-e', '0'],
      version: [...uma, '--version'],
      // The endpoint is given and the PAT cached by the first run, so that it is one request.
      ticket: [
        ...uma,
        'ticket',
        ...['--permission-endpoint', `${server.url}/permission`],
        ...['--resource', server.resource_id, '--scope', 'view'],
      ],
    };
    const times = { node: [] as number[], version: [] as number[], ticket: [] as number[] };
    const names = Object.keys(commands) as (keyof typeof commands)[];
    // Once unmeasured: the compile cache is there from the second run of an installed program on.
    for (const name of names) run(commands[name]);
    for (let round = 0; round < ROUNDS; round += 1) for (const name of names) times[name].push(run(commands[name]));
    const baseline = { name: 'node -e 0', value: median(times.node) };
    const row = (name: string, measured: readonly number[], limit: number): Result => ({
      name,
      unit: 'ms',
      value: median(measured),
      min: Math.min(...measured),
      max: Math.max(...measured),
      baseline,
      // Paired: each start against the one of its own round.
      ratio: median(measured.map((time, round) => time / times.node[round]!)),
      goal: { at: 'most', limit },
    });
    return [
      {
        name: 'node -e 0',
        unit: 'ms',
        value: baseline.value,
        min: Math.min(...times.node),
        max: Math.max(...times.node),
      },
      row('uma --version', times.version, 1.5),
      row('uma ticket (one request)', times.ticket, 5),
    ];
  },
};
