/**
 * `sh` blocks of a page, run as they stand. In a block, `#> text` after a command is what it prints (`...` is anything), `# exit code N` how
 * it ends when that is not 0. `sh norun` marks what is not run.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Stage } from './walkthrough/processes.ts';

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

/** The blocks of a page, in its order. */
export const blocksOf = (page: string): string[] =>
  [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

/** Runs a block in one shell. @throws AssertionError naming the command that printed or ended otherwise. */
export async function runBlock(stage: Stage, block: string, env: Record<string, string>): Promise<void> {
  const recipes = recipesOf(block);
  const run = await stage.shell(script(recipes), env);
  assert.deepEqual([run.out, run.err], ['', '']);
  const written = (kind: string, at: number) => readFileSync(`${stage.directory}/.${kind}.${at}`, 'utf8');
  for (const [at, { command, output, exitCode }] of recipes.entries()) {
    const told = `${command}\n${written('err', at)}`;
    assert.equal(Number(written('code', at)), exitCode, told);
    if (output.length > 0) assert.match(written('out', at), pattern(output), told);
    if (exitCode > 0 && output.length === 0) assert.notEqual(written('err', at), '', told);
  }
}
