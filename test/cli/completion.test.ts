import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles } from '../../scripts/generated.ts';
import { type Completable, defineCommand, type Entry } from '../../src/cli/command.ts';
import { candidates, completionScript, type Known, SHELLS } from '../../src/cli/completion.ts';
import { REGISTRY } from '../../src/commands/registry.ts';
import { BIN, temporaryDirectory, uma } from './uma.ts';

const VALUES: Record<Completable, string[]> = {
  profiles: ['demo', 'work'],
  resources: ['Photo Album', 'Diary'],
  requests: ['r1', 'r2'],
  policies: ['p1'],
  scopes: ['view', 'download', 'album:view'],
};
const known: Known = async (kind) => VALUES[kind].map((word) => ({ word, description: '' }));
const words = async (...line: string[]) => (await candidates(line, REGISTRY, known)).map(({ word }) => word);

test('cli 40: commands, verbs, flags, choices and profiles come from the live tree', async () => {
  assert.ok((await words('')).includes('ticket'));
  assert.deepEqual(await words('disc'), ['discover']);
  assert.deepEqual(await words('resource', 'l'), ['list']);
  assert.deepEqual(await words('rpt', '--tick'), ['--ticket']);
  assert.deepEqual(await words('rpt', '--dialect', 's'), ['standard']);
  assert.deepEqual(await words('rpt', '--output=j'), ['--output=json']);
  assert.deepEqual(await words('completion', 'f'), ['fish']);
  assert.deepEqual(await words('--profile', 'w'), ['work']);
  assert.deepEqual(await words('profile', 'use', ''), ['demo', 'work']);
  assert.deepEqual(await words('--profile', 'work', 'rpt', '--tick'), ['--ticket']);
  assert.deepEqual(await words('nonsense', ''), []);
});

test('cli 40: resources, requests, policies and scopes where a command takes them, as far as they are typed', async () => {
  assert.deepEqual(await words('ticket', '--resource', ''), ['Photo Album', 'Diary']);
  assert.deepEqual(await words('ticket', '--resource', 'Photo\\ A'), ['Photo Album']);
  assert.deepEqual(await words('resource', 'show', '"Pho'), ['Photo Album']);
  assert.deepEqual(await words('ticket', '--scope', 'view,d'), ['view,download']);
  assert.deepEqual(await words('ticket', '--scope=album:'), ['--scope=album:view']);
  assert.deepEqual(await words('approve', ''), ['r1', 'r2']);
  assert.deepEqual(await words('policy', 'delete', ''), ['p1']);
  assert.deepEqual(await words('resource', 'update', 'Diary', '--scope', 'v'), ['view']);
});

test('cli 40: a new command completes with no edit', async () => {
  const command = defineCommand<object>({
    description: 'New.',
    examples: [],
    flags: [{ flags: '--shape <shape>', description: 'a shape', choices: ['round', 'square'] }],
    run: async () => undefined,
  });
  const registry: Entry[] = [...REGISTRY, { name: 'brandnew', summary: 'new', load: async () => ({ command }) }];
  const found = async (...line: string[]) => (await candidates(line, registry, known)).map(({ word }) => word);
  assert.deepEqual(await found('brand'), ['brandnew']);
  assert.deepEqual(await found('brandnew', '--shape', ''), ['round', 'square']);
});

test('cli 40, 41: uma completion SHELL prints the wrapper; __complete works offline and never fails', async () => {
  for (const shell of SHELLS) assert.equal((await uma(['completion', shell])).stdout, completionScript(shell));
  const { code, stdout } = await uma(['__complete', 'tick']);
  assert.equal(code, 0);
  assert.match(stdout, /^ticket\t.+\n$/);
  const cwd = temporaryDirectory();
  const env = { UMA_CONFIG_DIR: cwd };
  writeFileSync(join(cwd, 'config.json'), 'broken');
  assert.deepEqual(await uma(['__complete', '--profile', ''], { cwd, env }), { code: 0, stdout: '', stderr: '' });
});

test('cli 40: the bash wrapper completes in bash', () => {
  const directory = temporaryDirectory();
  const program = join(directory, 'uma');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(program, 0o755);
  const line = 'eval "$(uma completion bash)"; COMP_WORDS=(uma profile u); COMP_CWORD=2; _uma; echo $COMPREPLY';
  const env = { PATH: `${directory}:${process.env.PATH}`, HOME: directory, UMA_CONFIG_DIR: directory };
  assert.equal(spawnSync('bash', ['--norc', '-c', line], { env, encoding: 'utf8' }).stdout, 'use\n');
});

test('cli 40: the PowerShell wrapper hands over the words of the line, and quotes what holds a space', () => {
  const script = completionScript('powershell');
  assert.match(script, /^Register-ArgumentCompleter -Native -CommandName uma -ScriptBlock \{$/m);
  assert.match(script, /uma __complete @words 2>\$null/);
  assert.match(script, /\$_ -split "`t", 2/);
  assert.match(
    script,
    /\$word = if \(\$name -match "\[\^\\w@%\+=:,\.\/-\]"\) \{ "'" \+ \$name\.Replace\("'", "''"\) \+ "'" \}/,
  );
  assert.match(script, /CompletionResult\]::new\(\$word, \$name, 'ParameterValue', \$text\)/);
});

test('cli 42: generated files are as `npm run generate` writes them', async () => {
  const root = new URL('../../', import.meta.url);
  for (const { path, text } of await generatedFiles(root)) {
    const file = new URL(path, root);
    assert.ok(existsSync(file) && readFileSync(file, 'utf8') === text, `${path} is stale: npm run generate`);
  }
});
