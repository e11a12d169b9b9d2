// A real Keycloak and the keycloak layout, on one realm file, play the same sequence: no difference without a reason.
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { startServer } from '../../../src/server/start.ts';
import { compare } from './compare.ts';
import { play } from './sequence.ts';

// One of its own, beside the one of the other tests: the sequence counts what is there.
process.env.KEYCLOAK_PORT = String(Number(process.env.KEYCLOAK_PORT ?? 18080) + 7);
const { startKeycloak, stopKeycloak } = await import('../../../scripts/keycloak.ts');

const realm = new URL('../keycloak/photoz-realm.json', import.meta.url);

after(stopKeycloak);

test('Keycloak and the keycloak layout answer alike, but for the listed differences', {
  timeout: 400_000,
}, async () => {
  await stopKeycloak();
  const theirs = await play(await startKeycloak());
  if (process.env.RECORD === '1') {
    const lines = theirs.map((exchange) => `${JSON.stringify(exchange)}\n`);
    writeFileSync(new URL('recorded.jsonl', import.meta.url), lines.join(''));
  }
  const imported = JSON.parse(readFileSync(realm, 'utf8')) as unknown;
  const server = await startServer({ port: 0, layout: 'keycloak', imported });
  try {
    compare(theirs, await play(server.issuer));
  } finally {
    await server.close();
  }
});
