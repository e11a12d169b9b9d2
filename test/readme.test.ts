/** The README's `sh` blocks, run: in the order of the page, in a folder of their own, against a fresh `uma serve`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { isGroup } from '../src/cli/command.ts';
import { REGISTRY } from '../src/commands/registry.ts';
import { blocksOf, runBlock } from './recipes.ts';
import { openStage, type Served, type Stage } from './walkthrough/processes.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const blocks = blocksOf(README);

describe('README (conventions 37)', () => {
  let stage: Stage;
  let server: Served;
  before(async () => {
    stage = openStage();
    server = await stage.serve();
  });
  after(() => stage.close());

  for (const block of blocks) {
    test(block.split('\n')[0] ?? 'an empty block', () =>
      runBlock(stage, block, { UMA_ISSUER: server.issuer, SECRET: 'geheim' }),
    );
  }

  test('every command has a recipe', () => {
    const commands = REGISTRY.flatMap((entry) =>
      isGroup(entry) ? entry.commands.map(({ name }) => `${entry.name} ${name}`) : [entry.name],
    );
    const typed = blocks.join('\n');
    assert.deepEqual(
      commands.filter((name) => !typed.includes(`uma ${name}`)),
      [],
    );
  });

  test('npm scripts that it names exist', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    const named = [...README.matchAll(/npm (?:run )?(demo|test|bench|generate)\b/g)].map(([, name]) => name);
    assert.ok(named.includes('demo'));
    for (const name of named) assert.ok(name !== undefined && name in scripts, name);
  });
});
