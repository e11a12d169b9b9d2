/** `uma serve`: from launch to the first answered request. */
import { start } from '../processes.ts';
import { median, type Row } from '../row.ts';

const ROUNDS = 7;

export const serve: Row = {
  id: 'serve',
  async run({ node, uma }) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = performance.now();
      const server = await start(node, [...uma, 'serve', '--port', '0'], process.env);
      const answer = await fetch(`${server.url}/.well-known/uma2-configuration`);
      await answer.text();
      times.push(performance.now() - before);
      await server.stop();
      if (answer.status !== 200) throw new Error(`the first answer of uma serve has status ${answer.status}`);
    }
    return [
      {
        name: 'uma serve, launch to first answer',
        unit: 'ms',
        value: median(times),
        min: Math.min(...times),
        max: Math.max(...times),
        goal: { at: 'most', limit: 500 },
      },
    ];
  },
};
