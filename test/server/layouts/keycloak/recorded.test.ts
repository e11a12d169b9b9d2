// The keycloak layout against the answers of a real Keycloak 26.7.3, recorded by test/interop/differential (RECORD=1).
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startServer } from '../../../../src/server/start.ts';
import { compare } from '../../../interop/differential/compare.ts';
import { play } from '../../../interop/differential/sequence.ts';
import type { Exchange } from '../../../interop/differential/wire.ts';

const read = (file: string) => readFileSync(new URL(`../../../interop/${file}`, import.meta.url), 'utf8');

test('the layout answers as the recorded Keycloak, but for the listed differences', async () => {
  const recorded = read('differential/recorded.jsonl').trimEnd().split('\n');
  const imported = JSON.parse(read('keycloak/photoz-realm.json')) as unknown;
  const server = await startServer({ port: 0, layout: 'keycloak', imported });
  try {
    compare(
      recorded.map((line) => JSON.parse(line) as Exchange),
      await play(server.issuer),
    );
  } finally {
    await server.close();
  }
});
