// The command line as a whole: what must not change by accident, and that every line of the checklist has its test.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Contract, contract, helpTexts } from '../../scripts/contract.ts';
import { defineCommand, type Entry } from '../../src/cli/command.ts';
import { run } from '../../src/commands/program.ts';

const root = new URL('../../', import.meta.url);
const golden = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');

/** Lines of the checklist of command-line conventions. */
const LINES = 48;

test('every line of the checklist has a test that begins with its number', () => {
  const names = globSync('test/**/*.test.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(new URL(file, root), 'utf8').matchAll(/\btest\(\s*['"`]cli ([\d, ]+): /g)].map(([, list]) => list),
  );
  const tested = new Set(names.flatMap((list = '') => list.split(',').map(Number)));
  const missing = Array.from({ length: LINES }, (_none, at) => at + 1).filter((line) => !tested.has(line));
  assert.deepEqual(missing, []);
  assert.deepEqual(
    [...tested].filter((line) => line < 1 || line > LINES),
    [],
  );
});

test('cli 36: help looks as it did when somebody last looked at it: the root and a command; what each says: docs/commands (npm run generate)', async () => {
  assert.equal(await helpTexts(), golden('help.txt'));
});

test('cli 48: exit codes, flags, arguments and JSON fields are as in the contract (npm run generate)', async () => {
  assert.deepEqual(await contract(), JSON.parse(golden('contract.json')));
});

test('cli 48: the contract sees what would break a script', async () => {
  const now = await contract();
  const lists = (of: Contract) =>
    Object.values(of.commands).flatMap(({ flags, arguments: args, fields }) => [...flags, ...args, ...fields]);
  assert.ok(lists(now).includes('--ticket <value>'));
  assert.ok(lists(now).includes('access_token'));
  assert.ok(now.common_flags.includes('-o, --output <value>'));
  assert.ok(now.groups.as?.includes('--trust-as <value>...'));
  assert.match(now.exit_codes[7] ?? '', /request_submitted/);
});

test('cli 48: a deprecated flag works and warns', async () => {
  const command = defineCommand<{ old?: string }>({
    description: 'x',
    flags: [{ flags: '--old <x>', description: 'x', deprecated: 'use --new' }],
    examples: [],
    run: async ({ old }) => ({ value: { old } }),
  });
  const registry: Entry[] = [{ name: 'try', summary: 'x', load: async () => ({ command }) }];
  const texts = { out: '', err: '' };
  const io = {
    stdinIsTty: true,
    stdoutIsTty: false,
    stderrIsTty: false,
    env: { UMA_CONFIG_DIR: '/nonexistent' },
    cwd: '/',
    platform: process.platform,
    home: '/nonexistent',
    columns: undefined,
    readStdin: async () => '',
    out: (text: string) => {
      texts.out += text;
    },
    err: (text: string) => {
      texts.err += text;
    },
  };
  const { signal } = new AbortController();
  assert.equal(await run(['try', '--old', '1'], io, signal, registry), 0, texts.err);
  assert.equal(texts.out, '{"old":"1"}\n');
  assert.equal(texts.err, 'uma: warning: --old will be gone with the next major version: use --new\n');
  texts.err = '';
  await run(['try'], io, signal, registry);
  assert.equal(texts.err, '');
});
