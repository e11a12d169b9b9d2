/** The walkthrough against a running server: `uma demo --quiet`, one process, beside a script of curl and jq. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurns, type Row } from '../row.ts';

const ROUNDS = 9;
const script = fileURLToPath(new URL('../walk.sh', import.meta.url));

export const walk: Row = {
  id: 'walk',
  async run({ node, uma, as, directory }) {
    const { url } = await as();
    const env = { ...process.env, UMA_CONFIG_DIR: join(directory, 'walk') };
    const times = inTurns(ROUNDS, env, {
      shell: ['sh', script, url],
      demo: [node, ...uma, 'demo', '--quiet', '--issuer', url],
    });
    return [
      times.result('shell', 'walkthrough by curl and jq'),
      times.result('demo', 'uma demo --quiet', { than: 'shell', name: 'curl and jq', most: 1.5 }),
    ];
  },
};
