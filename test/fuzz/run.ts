/** `npm run test:fuzz [-- --inputs 100000] [--seed N]`: exit 1 when something did not hold. */
import { parseArgs } from 'node:util';
import { fuzz, GROWTH } from './fuzz.ts';

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
console.log(`fuzz: seed ${seed}, ${values.inputs} inputs (the same again: npm run test:fuzz -- --seed ${seed})`);
const begin = performance.now();
const { places, statuses, growth, faults } = await fuzz({ inputs: Number(values.inputs), seed });
for (const [name, count] of Object.entries(places)) console.log(`  ${String(count).padStart(7)} ${name}`);
console.log(
  `statuses: ${Object.entries(statuses)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')}`,
);
console.log(
  `heap after garbage collection: ${(growth / 1024 / 1024).toFixed(1)} MiB more (at most ${GROWTH / 1024 / 1024})`,
);
console.log(`${((performance.now() - begin) / 1000).toFixed(0)} s, ${faults.length} faults`);
for (const fault of faults.slice(0, 20)) console.log(`FAULT ${fault}`);
if (faults.length > 0 || growth > GROWTH) process.exitCode = 1;
