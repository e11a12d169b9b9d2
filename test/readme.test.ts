/**
 * The README's `sh` blocks, run: in the order of the page, in a folder of their own, against a fresh `uma serve`. In a block, `#> text` after
 * a command is what it prints (`...` is anything), `# exit code N` how it ends when that is not 0. `sh norun` marks installation.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { isGroup } from '../src/cli/command.ts';
import { REGISTRY } from '../src/commands/registry.ts';
import { openStage, type Served, type Stage } from './walkthrough/processes.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

interface Recipe {
  command: string;
  output: string[];
  exitCode: number;
}

function recipesOf(block: string): Recipe[] {
  const recipes: Recipe[] = [];
  for (const line of block.split('\n').filter((text) => text !== '')) {
    const last = recipes.at(-1);
    const code = /^# exit code (\d+)/.exec(line)?.[1];
    if (line.startsWith('#>')) last?.output.push(line.slice(3));
    else if (code !== undefined && last !== undefined) last.exitCode = Number(code);
    else recipes.push({ command: line, output: [], exitCode: 0 });
  }
  return recipes;
}

/** Each command with its streams and exit code in files of its own, all in one shell: variables go on. */
const script = (recipes: readonly Recipe[]) =>
  recipes.map(({ command }, at) => `{ ${command}\n} >.out.${at} 2>.err.${at}; echo $? >.code.${at}`).join('\n');

const pattern = (lines: readonly string[]) =>
  new RegExp(
    `^${lines
      .join('\n')
      .split('...')
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[\\s\\S]*')}\\n?$`,
  );

const blocks = [...README.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

describe('README (conventions 37)', () => {
  let stage: Stage;
  let server: Served;
  before(async () => {
    stage = openStage();
    server = await stage.serve();
  });
  after(() => stage.close());

  for (const block of blocks) {
    const recipes = recipesOf(block);
    test(recipes[0]?.command ?? 'an empty block', async () => {
      const run = await stage.shell(script(recipes), { UMA_ISSUER: server.issuer, SECRET: 'geheim' });
      assert.deepEqual([run.out, run.err], ['', '']);
      const written = (kind: string, at: number) => readFileSync(`${stage.directory}/.${kind}.${at}`, 'utf8');
      for (const [at, { command, output, exitCode }] of recipes.entries()) {
        const told = `${command}\n${written('err', at)}`;
        assert.equal(Number(written('code', at)), exitCode, told);
        if (output.length > 0) assert.match(written('out', at), pattern(output), told);
        if (exitCode > 0 && output.length === 0) assert.notEqual(written('err', at), '', told);
      }
    });
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
