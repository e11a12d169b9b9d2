import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyCommand, defineCommand, type Entry } from '../../src/cli/command.ts';
import { parseDuration } from '../../src/cli/duration.ts';
import { locate } from '../../src/cli/locate.ts';
import { parseCommand } from '../../src/cli/parse.ts';
import { UmaError } from '../../src/protocol/errors.ts';

const command: AnyCommand = defineCommand<object>({
  description: 'A command for tests.',
  args: [{ name: '[id...]', description: 'ids' }],
  flags: [
    { flags: '--scope <scope>', description: 'scopes', list: true },
    { flags: '--permission <text>', description: 'permissions', repeat: true },
    { flags: '--wait <duration>', description: 'how long', parse: parseDuration },
    { flags: '--token-file <file>', description: 'token', file: true },
    { flags: '-y, --yes', description: 'do not ask' },
  ],
  groups: ['as', 'client'],
  fields: ['ticket', 'scope'],
  examples: [],
  run: async () => undefined,
});

const load = async () => ({ command });
const REGISTRY: Entry[] = [
  { name: 'rpt', summary: 'rpt', load },
  { name: 'resource', summary: 'resources', commands: [{ name: 'list', summary: 'list', load }] },
];

const options = (...words: string[]) => {
  const parsed = parseCommand(['rpt'], command, words);
  assert.equal(parsed.kind, 'options');
  return parsed.kind === 'options' ? parsed.options : {};
};
const refused = (...words: string[]): UmaError => {
  try {
    parseCommand(['rpt'], command, words);
  } catch (error) {
    assert.ok(error instanceof UmaError);
    assert.equal(error.category, 'usage');
    return error;
  }
  return assert.fail(`accepted ${words.join(' ')}`);
};

test('flags become plain options in camelCase, arguments stand beside them', () => {
  const parsed = options(
    'a',
    '--scope',
    'view,print',
    '--scope=edit',
    'b',
    '--permission',
    'r=a,b',
    '--wait',
    '5m',
    '-y',
    '-vv',
    '--token-endpoint',
    'u',
  );
  assert.deepEqual(parsed.id, ['a', 'b']);
  assert.deepEqual(parsed.scope, ['view', 'print', 'edit']);
  assert.deepEqual(parsed.permission, ['r=a,b']);
  assert.equal(parsed.wait, 300);
  assert.equal(parsed.yes, true);
  assert.equal(parsed.verbose, 2);
  assert.equal(parsed.tokenEndpoint, 'u');
  assert.equal(parsed.asks, true);
  assert.equal(options('--no-input').asks, false);
});

test('flags are free to stand anywhere', () => {
  for (const argv of [
    ['--profile', 'p', 'resource', 'list', '-v'],
    ['resource', '--profile', 'p', 'list', '-v'],
    ['resource', 'list', '-v', '--profile', 'p'],
    ['-v', '--profile=p', 'resource', 'list'],
  ]) {
    const { path, rest } = locate(argv, REGISTRY);
    assert.deepEqual(path, ['resource', 'list'], argv.join(' '));
    const parsed = options(...rest);
    assert.equal(parsed.profile, 'p');
    assert.equal(parsed.verbose, 1);
  }
});

test('a bare --json takes neither a command nor an argument for its fields', () => {
  assert.deepEqual(locate(['--json', 'rpt'], REGISTRY).path, ['rpt']);
  assert.equal(options('--json').json, '');
  assert.equal(options('--json', 'ticket,scope').json, 'ticket,scope');
  const parsed = options('--json', 'id-7');
  assert.equal(parsed.json, '');
  assert.deepEqual(parsed.id, ['id-7']);
});

test('a member that only the server knows of is a field where the argument stands elsewhere', () => {
  const open: AnyCommand = { ...command, openFields: true };
  const read = (...words: string[]) => {
    const parsed = parseCommand(['test'], open, words);
    assert.ok(parsed.kind === 'options');
    const { json, id } = parsed.options as unknown as { json: string; id: string[] };
    return [json, id];
  };
  assert.deepEqual(read('id-7', '--json', 'uris'), ['uris', ['id-7']]);
  assert.deepEqual(read('--json', 'uris,x_more', 'id-7'), ['uris,x_more', ['id-7']]);
  assert.deepEqual(read('--json', 'id-7'), ['', ['id-7']]);
  assert.deepEqual(read('--json', 'http://127.0.0.1/photo', '-v'), ['', ['http://127.0.0.1/photo']]);
});

test('words that are no command are found with the path that was right', () => {
  assert.deepEqual(locate(['resource', 'lst'], REGISTRY).unknown, 'lst');
  assert.equal(locate(['--issuer', 'rpt'], REGISTRY).entry, undefined, 'rpt is the value of --issuer');
});

test('a typo in a flag: the near miss', () => {
  assert.match(refused('--scop', 'x').hint ?? '', /did you mean --scope\?/);
  assert.match(refused('--isuer', 'x').hint ?? '', /did you mean --issuer\?/);
});

test('a secret as a value of a flag does not exist; the hint names the ways there are', () => {
  for (const words of [['--client-secret', 'hunter2'], ['--client-secret=hunter2']]) {
    const error = refused(...words);
    assert.equal(error.code, 'secret_in_argv');
    assert.match(error.hint ?? '', /--client-secret-file .*UMA_CLIENT_SECRET.*terminal/);
    assert.doesNotMatch(`${error.message}${error.hint}`, /hunter2/);
  }
  assert.doesNotMatch(`${refused('--tokn=hunter2').message}`, /hunter2/);
});

test('standard input can be named once', () => {
  const error = refused('--client-secret-file', '-', '--token-file', '-');
  assert.equal(error.code, 'two_stdins');
  assert.match(error.message, /--token-file and --client-secret-file/);
  assert.equal(options('--client-secret-file', '-', '--token-file', 'f').clientSecretFile, '-');
});

test('a value outside the choices, a missing value, a bad duration', () => {
  assert.match(refused('--dialect', 'klingon').message, /auto, standard/);
  assert.match(refused('--scope').message, /--scope/);
  assert.equal(refused('--wait', 'soon').code, 'invalid_duration');
});

test('-h anywhere asks for help, whatever else is wrong', () => {
  assert.equal(parseCommand(['rpt'], command, ['a', '-h', '--wait', '1s']).kind, 'help');
  assert.equal(parseCommand(['rpt'], command, ['--help']).kind, 'help');
});

test('durations', () => {
  assert.deepEqual(['90', '90s', '5m', '1.5h', '250ms', '2d'].map(parseDuration), [90, 90, 300, 5400, 0.25, 172_800]);
  for (const text of ['', '-1s', '5 minutes', 'm', '1e3']) assert.throws(() => parseDuration(text), UmaError);
});

test('--no-input is not --input FILE', () => {
  const command = defineCommand<{ input?: string }>({
    description: '',
    examples: [],
    flags: [{ flags: '--input <file>', description: '', file: true }],
    run: async () => undefined,
  });
  const parsed = (...words: string[]) => {
    const result = parseCommand(['x'], command, words);
    return result.kind === 'options' ? [result.options.input, result.options.asks] : [];
  };
  assert.deepEqual(parsed('--no-input'), [undefined, false]);
  assert.deepEqual(parsed('--input', 'f', '--no-input'), ['f', false]);
  assert.deepEqual(parsed('--no-input', '--input', 'f'), ['f', false]);
  assert.deepEqual(parsed(), [undefined, undefined]);
});
