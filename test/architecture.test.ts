// The rules of ARCHITECTURE.md, read from the imports themselves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { init, parse } from 'es-module-lexer';

/** What each part of src/ may import beside itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  wire: ['protocol'],
  client: ['protocol', 'wire'],
  server: ['protocol', 'wire'],
  gateway: ['protocol', 'client'],
  conformance: ['protocol'],
  trace: ['protocol'],
  cli: ['protocol'],
  adapters: ['protocol', 'cli'],
  commands: ['protocol', 'wire', 'client', 'server', 'gateway', 'conformance', 'trace', 'cli', 'adapters'],
  'main.ts': ['cli', 'adapters', 'commands'],
  'index.ts': ['client', 'server', 'gateway'],
};

/** The file that opens each folder. */
const MAIN_FILE: Record<string, string> = {
  protocol: 'errors.ts',
  cli: 'exit-codes.ts',
  adapters: 'terminal.ts',
  commands: 'registry.ts',
};

const root = new URL('..', import.meta.url).pathname;
const files = globSync('src/**/*.ts', { cwd: root }).sort();
await init;

/** Imported specifiers. With `types`, imports that vanish at run time count too. */
function importsOf(file: string, types: boolean): string[] {
  const [imports] = parse(readFileSync(join(root, file), 'utf8'));
  return imports.flatMap((item) => {
    const vanishes = item.type === 'static' && item.typeOnly;
    return 'specifier' in item && typeof item.specifier === 'string' && (types || !vanishes) ? [item.specifier] : [];
  });
}

const partOf = (file: string) => file.split('/')[1]!;
const targetOf = (file: string, specifier: string) => normalize(join(dirname(file), specifier));

test('every import follows the table of ARCHITECTURE.md, types too', () => {
  assert.ok(importsOf('src/main.ts', false).includes('./commands/program.ts'), 'the imports are read');
  const wrong = files.flatMap((file) => {
    const allowed = MAY_IMPORT[partOf(file)];
    if (allowed === undefined) return [`${file}: its folder is not in the table`];
    return importsOf(file, true)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(file, specifier))
      .filter((target) => partOf(target) !== partOf(file) && !allowed.includes(partOf(target)))
      .map((target) => `${file} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test('the table says what ARCHITECTURE.md says', () => {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const [part, allowed] of Object.entries(MAY_IMPORT)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`src/${part}\``));
    assert.ok(row, `ARCHITECTURE.md has a row for src/${part}`);
    const said = row.split('|')[3]!.trim();
    const expected =
      said === 'nothing' ? [] : said === 'all of the above' ? Object.keys(MAY_IMPORT).slice(0, -3) : said.split(', ');
    assert.deepEqual([...allowed].sort(), expected.sort(), `src/${part}`);
  }
});

test('protocol does no I/O: it imports no built-in module and no library but jwt-decode', () => {
  const outside = files
    .filter((file) => partOf(file) === 'protocol')
    .flatMap((file) => importsOf(file, false).filter((specifier) => !specifier.startsWith('.')));
  assert.deepEqual([...new Set(outside)], ['jwt-decode']);
});

test('relative imports name the file with its ending', () => {
  const bare = files.flatMap((file) =>
    importsOf(file, true)
      .filter((specifier) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier))
      .map((specifier) => `${file}: ${specifier}`),
  );
  assert.deepEqual(bare, []);
});

test('there are no import cycles at run time', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file, false)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => targetOf(file, specifier)),
    ]),
  );
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    assert.equal(at, -1, `cycle: ${[...path.slice(at), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('no source is ignored by git: a clone has all of them', () => {
  if (!existsSync(join(root, '.git'))) return;
  const ignored = execFileSync(
    'git',
    ['ls-files', '--others', '--ignored', '--exclude-standard', '--', 'bin', 'scripts', 'src', 'test'],
    { cwd: root, encoding: 'utf8' },
  );
  assert.deepEqual(
    ignored.split('\n').filter((path) => /\.[cm]?[jt]s$/.test(path) && !path.includes('node_modules/')),
    [],
  );
});

test('no folder or file is named for nothing', () => {
  const vague = files.filter((file) =>
    file.split('/').some((part) => /^(utils?|common|helpers?|misc|shared)(\.ts)?$/.test(part)),
  );
  assert.deepEqual(vague, []);
});

test('only main.ts touches process.argv and process.exitCode; only main and adapters touch its streams on the command line', () => {
  const commandLine = files.filter((file) =>
    ['cli', 'commands', 'adapters', 'client', 'protocol'].includes(partOf(file)),
  );
  const offenders = commandLine.filter((file) => {
    const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return (
      /process\.(argv|exitCode)\b/.test(code) ||
      (partOf(file) !== 'adapters' && /process\.(stdin|stdout|stderr|env|exit|on)\b|console\./.test(code))
    );
  });
  assert.deepEqual(offenders, []);
});

test('every folder of src opens with a comment that says what it is', () => {
  for (const folder of new Set(files.map(partOf).filter((part) => !part.endsWith('.ts')))) {
    const inFolder = files.filter((file) => dirname(file) === `src/${folder}`);
    const named = MAIN_FILE[folder];
    const candidates = named === undefined ? inFolder : inFolder.filter((file) => basename(file) === named);
    const opens = candidates.some((file) => {
      const head = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(join(root, file), 'utf8'))?.[0] ?? '';
      return head.includes(`${folder}/:`) && head.split('\n').length >= 4;
    });
    assert.ok(opens, `src/${folder}: no file opens with a comment "${folder}/: ..." of three lines or more`);
  }
});
