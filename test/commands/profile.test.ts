import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { onTerminal } from '../cli/terminal.ts';
import { temporaryDirectory, uma } from '../cli/uma.ts';

test('cli 24: add, list, show, use, delete; the current one is marked', async () => {
  const env = { UMA_CONFIG_DIR: temporaryDirectory() };
  const run = (...args: string[]) => uma(['profile', ...args], { env });
  assert.deepEqual(JSON.parse((await run('list')).stdout), [
    { name: 'demo', issuer: 'http://127.0.0.1:9400', current: true },
  ]);
  await run(
    'add',
    'work',
    '--issuer',
    'https://as.example',
    '--owner',
    'ann',
    '--token-endpoint',
    'https://as.example/t',
  );
  await run('add', 'home', '--issuer', 'https://home.example');
  assert.match((await run('list', '-o', 'text')).stdout, /^\* +work +https:\/\/as\.example$/m);
  assert.deepEqual(JSON.parse((await run('show')).stdout), {
    name: 'work',
    issuer: 'https://as.example',
    owner: 'ann',
    endpoints: { token_endpoint: 'https://as.example/t' },
  });
  assert.equal((await run('use', 'home')).code, 0);
  assert.equal((await run('show', '--field', 'name')).stdout, 'home\n');
  assert.match((await run('delete', 'home', '--yes')).stderr, /uma profile use NAME/);
  assert.equal((await run('show', '--field', 'name')).stdout, 'demo\n');
  const verbs = ['show', 'use', 'delete'].map((verb) => run(verb, 'nope'));
  for (const { code } of await Promise.all(verbs)) assert.equal(code, 3);
});

test('a secret goes in by standard input and never comes out; changing the client forgets it', async () => {
  const directory = temporaryDirectory();
  const env = { UMA_CONFIG_DIR: directory };
  const add = (...args: string[]) => uma(['profile', 'add', 'work', ...args], { env, stdin: 'hunter2\n' });
  const made = await add('--issuer', 'https://as.example', '--client', 'c1', '--client-secret-file', '-');
  assert.equal(made.code, 0, made.stderr);
  const credentials = () => readFileSync(join(directory, 'credentials.json'), 'utf8');
  assert.match(credentials(), /"hunter2"/);
  for (const args of [['show'], ['show', '--origin'], ['list']]) {
    assert.doesNotMatch(JSON.stringify(await uma(['profile', ...args], { env })), /hunter2/);
  }
  assert.equal((await uma(['profile', 'add', 'work', '--client', 'c2'], { env })).code, 0);
  assert.doesNotMatch(credentials(), /hunter2/);
});

test('a profile can be made while the environment already names it', async () => {
  const env = { UMA_CONFIG_DIR: temporaryDirectory(), UMA_PROFILE: 'work' };
  assert.equal((await uma(['profile', 'show'], { env })).code, 3);
  assert.equal((await uma(['profile', 'add', 'work', '--issuer', 'https://as.example'], { env })).code, 0);
  assert.equal((await uma(['profile', 'show', '--field', 'issuer'], { env })).stdout, 'https://as.example\n');
});

test('cli 46: adding says whether the profile is the current one, which the first is', async () => {
  const env = { UMA_CONFIG_DIR: temporaryDirectory() };
  const add = async (name: string) =>
    (await uma(['profile', 'add', name, '--issuer', 'https://as.example'], { env })).stderr;
  assert.match(await add('one'), /^profile one is kept in .*, and is the current one .*; next: uma login\n$/);
  assert.match(await add('two'), /^profile two is kept in .*; next: uma profile use two, uma login\n$/);
});

test('cli 46: on a terminal add, use and delete show what is kept and say once what was done; piped they print JSON', async () => {
  const home = temporaryDirectory();
  const on = async (line: string) => (await onTerminal(`$UMA profile ${line}`, [], home)).output.split('\r\n');
  const [head, name, issuer, owner, note, end] = await on('add work --issuer https://as.example --owner ann');
  assert.deepEqual(
    [head, name, issuer, owner].map((line = '') => stripVTControlCharacters(line).split(/ +/)),
    [
      ['member', 'value'],
      ['name', 'work'],
      ['issuer', 'https://as.example'],
      ['owner', 'ann'],
    ],
  );
  assert.match(note ?? '', /^profile work is kept in /);
  assert.equal(end, '');
  assert.deepEqual(await on('use demo'), ['demo is the current profile', 'next: uma discover', '']);
  assert.deepEqual(await on('delete work --yes'), ['profile work is deleted', '']);
  const env = { UMA_CONFIG_DIR: temporaryDirectory() };
  const piped = await uma(['profile', 'use', 'demo'], { env });
  assert.equal(piped.stdout, '{"current":"demo"}\n');
  assert.equal(piped.stderr, 'demo is the current profile; next: uma discover\n');
});

test('names and issuers that cannot be are exit 2', async () => {
  const env = { UMA_CONFIG_DIR: temporaryDirectory() };
  for (const args of [['__proto__'], ['../x'], ['ok', '--issuer', 'nonsense'], ['ok', '--client-secret-file', '-']]) {
    assert.equal((await uma(['profile', 'add', ...args], { env, stdin: 'x' })).code, 2, args.join(' '));
  }
});
