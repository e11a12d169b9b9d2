/** Requests through `uma gateway` with an RPT that is known and one that is asked about each time, beside the proxy library alone. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beside } from '../load.ts';
import { type Process, pinned, SERVER_CORE, start } from '../processes.ts';
import { type Bench, type Result, type Row, rated } from '../row.ts';

const RESOURCE = 'Photo';

/** The gateway with Alice's photo of `uma serve` as the resource behind every path. */
async function startGateway(bench: Bench, upstream: Process, read: number): Promise<Process> {
  const server = await bench.as();
  const directory = join(bench.directory, `gateway-${read}`);
  mkdirSync(directory);
  const file = (name: string, content: object) => {
    const path = join(directory, name);
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  const route = { path: '/*', scopes: ['download'], resource: RESOURCE };
  const config = file('routes.json', { default: 'deny', owner: 'alice', cache: { read }, routes: [route] });
  const key = JSON.stringify(['alice', RESOURCE]);
  const share = {
    id: 'photo',
    key,
    owner: 'alice',
    name: RESOURCE,
    scopes: ['download'],
    resource_id: server.resource_id,
  };
  file('gateway.json', { issuer: server.url, owners: {}, shares: [share] });
  const words = ['gateway', '--upstream', upstream.url, '--config', config, '--data', directory, '--port', '0'];
  const env = {
    ...process.env,
    UMA_CONFIG_DIR: join(directory, 'config'),
    UMA_ISSUER: server.url,
    UMA_RS_CLIENT_ID: 'UMA-Resource-Server',
    UMA_RS_CLIENT_SECRET: 'password',
    UMA_PAT: server.pat,
  };
  return start(...pinned(SERVER_CORE, bench.node, [...bench.uma, ...words]), env);
}

export const gateway: Row = {
  id: 'gateway',
  async run(bench) {
    const upstream = await bench.bare();
    const { rpt } = await bench.as();
    const script = fileURLToPath(new URL('../plain-proxy.ts', import.meta.url));
    const plain = await start(...pinned(SERVER_CORE, bench.node, [script, upstream.url]), process.env);
    const results: Result[] = [];
    try {
      // Concurrent reads share an introspection; writes never do.
      for (const [name, method, read, least] of [
        ['gateway, RPT known', 'GET', 3600, 1 / 3],
        ['gateway, RPT introspected each time', 'POST', 0, 1 / 20],
      ] as const) {
        const target = await startGateway(bench, upstream, read);
        try {
          const shot = { method, path: '/', headers: { Authorization: `Bearer ${rpt}` } };
          results.push(rated(name, await beside(bench.load, plain, target, shot), least, 'the proxy alone'));
        } finally {
          await target.stop();
        }
      }
      return results;
    } finally {
      await plain.stop();
    }
  },
};
