/**
 * The server's rows with what it remembers on disk: a SQLite file and a real PostgreSQL, by one worker on the server's core and by two
 * on both cores, of which the generator (and PostgreSQL) has its part. Beside each the same requests to the server in memory.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startPostgres } from '../../../scripts/postgres.ts';
import { type AuthorizationServer, LOAD_CORE, SERVER_CORE, startServe } from '../processes.ts';
import type { Bench, Chain, LoadResult, Result, Row, Shot } from '../row.ts';
import { exchangeChain } from './exchange.ts';
import { introspectionShot } from './introspection.ts';
import { permissionShot } from './permission.ts';

const WORK: readonly [name: string, what: (server: AuthorizationServer) => Shot | Chain][] = [
  ['introspections', introspectionShot],
  ['permission requests', permissionShot],
  ['exchanges', exchangeChain],
];

/** @throws Error naming the row. */
async function fire(
  { load }: Bench,
  server: AuthorizationServer,
  what: Shot | Chain,
  name: string,
): Promise<LoadResult> {
  try {
    await load.fire(server, what, 1);
    return await load.fire(server, what, 3);
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}

export const stores: Row = {
  id: 'stores',
  async run(bench) {
    const { node, uma, directory } = bench;
    const memory = await bench.as();
    const inMemory = new Map<string, number>();
    for (const [name, what] of WORK) inMemory.set(name, (await fire(bench, memory, what(memory), name)).rate);
    const postgres = await startPostgres();
    const sealing = randomBytes(32).toString('base64');
    const results: Result[] = [];
    try {
      for (const store of ['SQLite file', 'PostgreSQL']) {
        for (const workers of [1, 2]) {
          const flags = ['--workers', String(workers)];
          if (store === 'SQLite file') flags.push('--data', join(directory, `store-${workers}`));
          const env: NodeJS.ProcessEnv = { ...process.env, UMA_CONFIG_DIR: join(directory, 'config') };
          if (store === 'PostgreSQL') Object.assign(env, { UMA_STORE: postgres.url, UMA_STORE_KEY: sealing });
          const cores = workers === 1 ? SERVER_CORE : `${SERVER_CORE},${LOAD_CORE}`;
          const server = await startServe(node, uma, env, { flags, cores });
          try {
            for (const [name, what] of WORK) {
              const row = `${name}, ${store}, ${workers} worker${workers === 1 ? '' : 's'}`;
              const { rate, p50, p99, busy } = await fire(bench, server, what(server), row);
              const value = inMemory.get(name)!;
              results.push({
                name: row,
                unit: '/s',
                value: rate,
                clock: rate,
                p50,
                p99,
                busy,
                baseline: { name: 'in memory', value },
                ratio: rate / value,
              });
            }
          } finally {
            await server.stop();
          }
        }
      }
    } finally {
      postgres.remove();
    }
    return results;
  },
};
