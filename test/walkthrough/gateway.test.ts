/** `uma serve`, `uma gateway` before a plain file server, curl and `uma get`: the flow with nothing but processes, in every layout. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Trace } from '../../src/trace/trace.ts';
import { playPhotoGateway } from './photo-gateway.ts';
import { openStage } from './processes.ts';

describe('a file server under UMA', { concurrency: 2 }, () => {
  for (const [layout, people] of [
    ['standard', {}],
    ['forgerock', { UMA_OWNER_PASSWORD: 'Ch4ng31t', UMA_PARTY_PASSWORD: 'password' }],
    ['keycloak', {}],
  ] as const) {
    test(`--layout ${layout}: curl gets the challenge; Bob exit 7; Alice approves; Bob gets the file; she revokes`, () =>
      playPhotoGateway(async (stage) => {
        const { issuer } = await stage.serve('--layout', layout);
        return { env: { UMA_ISSUER: issuer, ...people } };
      }));
  }
});

test('uma gateway --trace: its half of the flow is written when it is stopped, and goes into one trace with what clients add', async () => {
  const stage = openStage();
  try {
    const { issuer } = await stage.serve();
    const trace = join(stage.directory, 'flow.json');
    const env = { UMA_ISSUER: issuer, UMA_TRACE: trace };
    const routes = { default: 'deny', owner: 'alice', routes: [{ path: '/*', scopes: ['view'], resource: 'Files' }] };
    writeFileSync(join(stage.directory, 'routes.json'), JSON.stringify(routes));
    const pat = await stage.shell('uma pat --owner alice > pat.json && chmod 600 pat.json', { UMA_ISSUER: issuer });
    assert.equal(pat.code, 0, pat.err);
    const words = 'gateway --upstream http://127.0.0.1:9 --config routes.json --pat-file pat.json --port 0';
    const gateway = stage.start(words.split(' '), env);
    const [line] = (await once(gateway.stdout!, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    const asked = await Promise.all(
      ['bob', 'chris'].map((party) => stage.shell(`uma get ${url}/a --party ${party}`, env)),
    );
    assert.deepEqual(
      asked.map(({ code }) => code),
      [7, 7],
    );
    gateway.kill('SIGTERM');
    await once(gateway, 'exit');
    const { entries } = JSON.parse(readFileSync(trace, 'utf8')) as Trace;
    const titles = Map.groupBy(entries, ({ section }) => section.title);
    assert.deepEqual([...titles.keys()].sort(), ['uma gateway', 'uma get']);
    assert.deepEqual(titles.get('uma gateway')?.filter(({ label }) => label === '3').length, 2);
    assert.deepEqual(titles.get('uma get')?.filter(({ label }) => label === '2').length, 2);
  } finally {
    await stage.close();
  }
});
