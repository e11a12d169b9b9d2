/** Start of the program: `uma --version` and one `uma ticket`, taken in turns with what they are measured against. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { inTurns, type Result, type Row } from '../row.ts';

const ROUNDS = 25;
const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const start: Row = {
  id: 'start',
  async run({ node, uma, as, directory }) {
    const server = await as();
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      UMA_CONFIG_DIR: join(directory, 'start'),
      UMA_RS_CLIENT_SECRET: 'password',
      UMA_OWNER_PASSWORD: 'password',
      PAT: server.pat,
    };
    // Settings to be read; the endpoint is given and the PAT cached by the first run, so that a call is one request.
    const profile = ['profile', 'add', 'bench', '--issuer', server.url, '--rs-client', 'UMA-Resource-Server'];
    spawnSync(node, [...uma, ...profile, '--owner', 'alice'], { env });
    const endpoint = `${server.url}/permission`;
    const ticket = ['ticket', '--permission-endpoint', endpoint, '--resource', server.resource_id, '--scope', 'view'];
    const exe = here('../../exe/uma');
    const times = inTurns(ROUNDS, env, {
      node: [node, '-e', '0'],
      version: [node, ...uma, '--version'],
      got: [node, await gotScript(directory), endpoint, server.resource_id],
      ticket: [node, ...uma, ...ticket],
      // Made by `npm run build:exe`, which a plain checkout has not run.
      ...(existsSync(exe) ? { exeVersion: [exe, '--version'], exeTicket: [exe, ...ticket] } : {}),
    });
    const results: Result[] = [
      times.result('node', 'node -e 0'),
      times.result('version', 'uma --version', { than: 'node', name: 'node -e 0', most: 1.2 }),
      times.result('got', 'one request by got, bundled', { than: 'node', name: 'node -e 0' }),
      times.result('ticket', 'uma ticket (one request)', { than: 'got', name: 'got, bundled', most: 1.2 }),
      times.result('ticket', 'uma ticket (one request)', { than: 'node', name: 'node -e 0', most: 5 }),
    ];
    if (times.has('exeTicket'))
      results.push(
        times.result('exeVersion', 'uma --version, executable', { than: 'node', name: 'node -e 0' }),
        times.result('exeTicket', 'uma ticket, executable', { than: 'ticket', name: 'uma ticket', most: 1 }),
      );
    return results;
  },
};

/** The smallest script that does with got what `uma ticket` does, as a bundler makes it of got as it is. */
async function gotScript(directory: string): Promise<string> {
  const made = await rolldown({ input: here('got-script.ts'), platform: 'node', external: /^node:/ });
  const file = join(directory, 'got-script.cjs');
  await made.write({ file, format: 'cjs', codeSplitting: false });
  await made.close();
  return file;
}
