// Rules that hold for every command there is (cli.md 33 to 38).
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isGroup } from '../../src/cli/command.ts';
import { allFlags, flagNames } from '../../src/cli/flags.ts';
import { commandHelp } from '../../src/cli/help.ts';
import { commandsOf } from '../../src/cli/locate.ts';
import { makePaint } from '../../src/cli/paint.ts';
import { REGISTRY } from '../../src/commands/registry.ts';

const commands = await Promise.all(
  commandsOf(REGISTRY).map(async ({ path, entry }) => ({
    path,
    entry,
    name: path.join(' '),
    command: (await entry.load()).command,
  })),
);

test('cli 3, 4: every command that prints an object says in its help which members it has', () => {
  assert.deepEqual(
    commands.filter(({ command }) => command.fields === undefined).map(({ name }) => name),
    ['completion'],
  );
});

test('cli 33: the steps of the flow are top-level words; collections are a noun with verbs of one set', () => {
  const names = REGISTRY.map(({ name }) => name);
  for (const step of ['pat', 'register', 'ticket', 'claims', 'rpt', 'introspect', 'approve', 'deny', 'revoke'])
    assert.ok(names.includes(step), step);
  for (const entry of REGISTRY.filter(isGroup)) {
    for (const { name } of entry.commands)
      assert.match(name, /^(list|show|add|update|delete|use|forget|render)$/, `${entry.name} ${name}`);
  }
});

test('cli 34: the same flag takes the same kind of value and has the same letter everywhere', () => {
  const seen = new Map<string, string>();
  for (const { name, command } of commands) {
    const { own, groups } = allFlags(command.flags ?? [], command.groups ?? []);
    for (const spec of [...own, ...groups]) {
      const { long, names, value } = flagNames(spec.flags);
      const kind = `${names.filter((item) => !item.startsWith('--')).join()} ${value} ${spec.file === true ? 'file' : ''}`;
      const before = seen.get(long) ?? kind;
      assert.equal(kind, before, `${long} of ${name}`);
      seen.set(long, kind);
    }
  }
});

test('cli 14: no flag takes a secret as its value; what is secret comes by a file', () => {
  for (const { name, command } of commands) {
    for (const spec of allFlags(command.flags ?? [], command.groups ?? []).own) {
      const { long, value } = flagNames(spec.flags);
      if (value === 'none' || !/(secret|password|token|pat|rpt|pct)\b/.test(long)) continue;
      const harmless = /-(format|ttl|type|endpoint)\b/.test(long);
      assert.ok(spec.file === true || harmless || long === '--ticket', `${long} of ${name}`);
    }
  }
});

/** Where the sources ask: how often, and the flags that answer in place of somebody. The type of the port wants one of every question. */
const QUESTIONS: Record<string, readonly [calls: number, ...flags: string[]]> = {
  'cli/resolve-settings.ts': [
    2,
    ...['--rs-client-secret-file', '--client-secret-file', '--owner-password-file', '--party-password-file'],
  ],
  'commands/asking-party.ts': [1, '--claim-token-file'],
  'commands/claims-visit.ts': [1, '--claims-redirect-uri'],
  'commands/confirm.ts': [1, '--yes'],
  'commands/get.ts': [1, '--trust-rs'],
  'commands/profile-delete.ts': [1, '--yes'],
  'commands/profile-wizard.ts': [
    5,
    ...['--issuer', '--dialect', '--rs-client', '--client', '--app', '--owner', '--party'],
    ...['--rs-client-secret-file', '--client-secret-file'],
  ],
};

test('cli 18: every question has a flag in its place', () => {
  const root = new URL('../../src/', import.meta.url);
  const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
  const asked = globSync('**/*.ts', { cwd: root })
    .map((file) => [file, read(file).match(/prompts\s*\.(secret|text|select|confirm)\(/g)?.length ?? 0] as const)
    .filter(([, calls]) => calls > 0);
  assert.deepEqual(
    Object.fromEntries(asked),
    Object.fromEntries(Object.entries(QUESTIONS).map(([file, [calls]]) => [file, calls])),
  );
  const flagsOf = ({ command }: (typeof commands)[number]) =>
    Object.values(allFlags(command.flags ?? [], command.groups ?? []))
      .flat()
      .flatMap(({ flags }) => flagNames(flags).names);
  for (const [file, [, ...flags]] of Object.entries(QUESTIONS)) {
    const own = commands.find(({ path }) => file.startsWith(`commands/${path.join('-')}.`));
    const there = own === undefined ? commands.flatMap(flagsOf) : flagsOf(own);
    for (const flag of flags) assert.ok(there.includes(flag), `${file}: ${flag}`);
  }
  // `confirmed` asks for the verbs that cannot be taken back.
  for (const one of commands) {
    if (/\bconfirmed\(/.test(read(`commands/${one.path.join('-')}.ts`)))
      assert.ok(flagsOf(one).includes('--yes'), one.name);
  }
  const deleting = commands.filter(({ path }) => path.at(-1) === 'delete' || path.at(-1) === 'revoke');
  assert.equal(deleting.length, 4);
  for (const one of deleting) assert.ok(flagsOf(one).includes('--yes'), one.name);
});

test('cli 36: help has one order; summaries are one line; every command has examples, and a link to its specification if it has one', async () => {
  const order = [
    'USAGE',
    'ARGUMENTS',
    'EXAMPLES',
    'FLAGS',
    'SERVER AND ROLE FLAGS',
    'COMMON FLAGS',
    'STANDARD INPUT',
    'JSON FIELDS',
    'ENVIRONMENT',
    'EXIT CODES',
    'SEE ALSO',
  ];
  const paint = await makePaint({ color: false, masked: false });
  for (const { path, name, entry, command } of commands) {
    assert.doesNotMatch(entry.summary, /\n|\.$/, name);
    assert.ok(command.examples.length >= 2 && command.examples.length <= 5, `${name} has two to five examples`);
    for (const { line } of command.examples) assert.match(line, /\buma\b/, name);
    const help = commandHelp(path, command, paint, 100);
    if (command.spec !== undefined) assert.match(help, /\nSEE ALSO\n {2}.+(\n {2}https:\/\/\S+)+$/, name);
    const sections = help.split('\n').filter((line) => /^[A-Z][A-Z ]+$/.test(line));
    assert.deepEqual(
      sections,
      order.filter((section) => sections.includes(section)),
      name,
    );
    for (const line of help.split('\n').filter((item) => !item.startsWith('  $') && !item.startsWith('  #')))
      assert.ok(line.length <= 110, `${name}: ${line}`);
  }
});

test('cli 38: placeholders are <x>, optional [x], repeated with ...', () => {
  for (const { name, command } of commands) {
    for (const { name: argument } of command.args ?? [])
      assert.match(argument, /^(<[\w|=-]+(\.\.\.)?>|\[[\w|=-]+(\.\.\.)?\])$/, name);
    for (const { flags } of command.flags ?? [])
      assert.match(flags, /^(-\w, )?--[a-z0-9-]+( (<[^<>]+>|\[[^[\]]+\]))?$/, name);
  }
});
