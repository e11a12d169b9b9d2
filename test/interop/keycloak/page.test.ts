/** The blocks of docs/keycloak.md, run at a real Keycloak in the order of the page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { blocksOf, runBlock } from '../../recipes.ts';
import { openStage } from '../../walkthrough/processes.ts';
import { issuer } from './peer.ts';

const blocks = blocksOf(readFileSync(new URL('../../../docs/keycloak.md', import.meta.url), 'utf8'));
const stage = openStage();
after(async () => {
  await stage.shell('uma resource delete "Italy Vacations" --yes', env());
  await stage.close();
});

const env = () => ({
  KEYCLOAK: issuer(),
  RS_SECRET: 'secret',
  CLIENT_SECRET: 'password',
  UMA_OWNER_PASSWORD: 'password',
  UMA_PARTY_PASSWORD: 'password',
});

test('docs/keycloak.md', async (context) => {
  assert.ok(blocks.length > 3);
  for (const block of blocks) await context.test(block.split('\n')[0], () => runBlock(stage, block, env()));
});
