// The checklist of command-line conventions, black box: each test names its line. Those that need a terminal: terminal.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startPeer } from './peer.ts';
import { BIN, start, temporaryDirectory, uma } from './uma.ts';

const peer = await startPeer();
const { issuer, claimToken } = peer;

const rpt = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  uma(['rpt', '--ticket', 't0', '--issuer', issuer, '--claim-token-file', claimToken, ...args], { env });
const JWT = `${[{ alg: 'none' }, { sub: 'bob', exp: 1 }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

test('cli 1, 2: standard output holds the result only: one line of JSON, no escape, a final newline', async () => {
  peer.answer = { status: 200, body: { access_token: 'rpt-1', token_type: 'Bearer' } };
  const { code, stdout, stderr } = await rpt(['-v', '--color', 'always']);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).access_token, 'rpt-1');
  assert.match(stdout, /^[^\n]*\n$/);
  assert.ok(!stdout.includes('\u001b'));
});

test('cli 3, 4: -o json, --json a,b, an unknown field lists the valid ones', async () => {
  const decode = (...args: string[]) => uma(['decode', ...args], { stdin: JWT });
  assert.deepEqual(JSON.parse((await decode('-o', 'json')).stdout).payload.sub, 'bob');
  assert.deepEqual(Object.keys(JSON.parse((await decode('--json', 'header')).stdout)), ['header']);
  assert.match((await decode('-o', 'text')).stdout, /sub: bob/);
  const wrong = await decode('--json', 'heder');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /header, payload, permissions, place/);
  assert.equal(wrong.stdout, '');
});

test('cli 5: --field prints one value raw, --header a line for curl', async () => {
  assert.equal((await uma(['decode', '--field', 'payload.sub'], { stdin: JWT })).stdout, 'bob\n');
  peer.answer = { status: 200, body: { access_token: 'rpt-1', token_type: 'Bearer' } };
  assert.equal((await rpt(['--header'])).stdout, 'Authorization: Bearer rpt-1\n');
});

test('cli 7: exit codes of the outcomes, and their objects on standard output unchanged', async () => {
  const outcomes: [number, Record<string, unknown>][] = [
    [5, { error: 'request_denied', error_description: 'no' }],
    [6, { error: 'need_info', ticket: 't1', required_claims: [{ name: 'email' }], extra: [1] }],
    [7, { error: 'request_submitted', ticket: 't2', interval: 5 }],
  ];
  for (const [expected, body] of outcomes) {
    peer.answer = { status: 403, body };
    const { code, stdout } = await rpt();
    assert.deepEqual(JSON.parse(stdout), body);
    assert.equal(code, expected);
  }
});

test('cli 7: exit codes of errors: refused 2, configuration 3, authentication 4, network 8, protocol 9', async () => {
  const cases: [number, { status: number; body: unknown }][] = [
    [2, { status: 400, body: { error: 'invalid_grant' } }],
    [4, { status: 401, body: { error: 'invalid_client' } }],
    [9, { status: 200, body: '<html>' }],
    [9, { status: 403, body: { error: 'request_submitted' } }],
    [9, { status: 302, body: '' }],
  ];
  for (const [expected, wrong] of cases) {
    peer.answer = wrong;
    const { code, stdout, stderr } = await rpt();
    assert.equal(stdout, '');
    if (wrong.status !== 302) assert.equal(code, expected, stderr);
    else assert.ok(code !== 0, 'a redirect is not followed and no success');
  }
  const stopped = await uma(['discover', '--issuer', 'http://127.0.0.1:1']);
  assert.equal(stopped.code, 8);
  assert.match(stopped.stderr, /http:\/\/127\.0\.0\.1:1/);
  assert.equal((await uma(['discover', '--profile', 'nope'])).code, 3);
  assert.equal((await uma(['discover', '--issuer', 'http://as.example'])).code, 3, 'plain http is not sent');
  assert.match((await uma(['help', 'exit-codes'])).stdout, /7 +request_submitted/);
});

test('cli 8: a typo in command or flag: message, near miss, the usage line of that command, exit 2, standard error', async () => {
  for (const [argv, near, usage] of [
    [['tickt'], 'ticket', 'uma <command> [flags]'],
    [['resource', 'lst'], 'list', 'uma resource {'],
    [['rpt', '--tiket', 'x'], '--ticket', 'uma rpt [flags]'],
    [['resource', '--isuer=x'], '--issuer', 'uma resource {'],
  ] as const) {
    const { code, stdout, stderr } = await uma(argv);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(`Did you mean ${near}?`) && stderr.includes(`Usage: ${usage}`), stderr);
  }
  // Nothing is near: the help.
  for (const [argv, help] of [
    [['--zzz'], 'uma --help'],
    [['resource', '--zzz'], 'uma resource --help'],
    [['resource', 'list', '--zzz'], 'uma resource list --help'],
  ] as const) {
    const { code, stderr } = await uma(argv);
    assert.deepEqual([code, stderr.split('\n').slice(0, 2)], [2, ['uma: there is no flag --zzz here', `Try: ${help}`]]);
  }
});

test('cli 9: what was typed wrong and has no advice of its own leads to the help of the command, in text and JSON', async () => {
  const text = await uma(['get', 'not-an-address']);
  assert.equal(
    text.stderr,
    'uma: "not-an-address" is no http or https address\nTry: uma get --help\nUsage: uma get <url> [flags]\n',
  );
  assert.equal(JSON.parse((await uma(['get', 'not-an-address', '-o', 'json'])).stderr).error.hint, 'uma get --help');
  const { stderr } = await uma(['profile', 'add', 'p', '--client', 'c', '--client-secret-file', '-'], { stdin: '' });
  assert.match(stderr, /standard input is empty\nTry: is the variable set\? printf %s "\$SECRET" \| uma/);
});

test('cli 9, 10, 11: errors in three lines; with -o json one object on standard error; a stack only with --debug', async () => {
  peer.answer = { status: 400, body: { error: 'invalid_grant', error_description: 'expired' } };
  const text = await rpt();
  assert.match(
    text.stderr,
    /^uma: .*invalid_grant.*expired.*\n {5}invalid_grant, status 400, UMA Grant 3\.3\.6\nTry: .+\n$/,
  );
  const json = await rpt(['-o', 'json']);
  assert.equal(json.stdout, '');
  const { error } = JSON.parse(json.stderr) as { error: Record<string, unknown> };
  assert.equal(error.code, 'invalid_grant');
  assert.equal(error.status, 400);
  assert.equal(error.spec, 'UMA Grant 3.3.6');
  assert.match((await rpt(['--debug'])).stderr, /\n {4}at /);
  assert.match((await rpt([], { UMA_DEBUG: '1' })).stderr, /\n {4}at /);
  assert.equal(JSON.parse((await uma(['rpt', '--nope', '-o', 'json'])).stderr).error.code, 'unknown_option');
  for (const asked of ['--json', '--json=error', '-ojson', '-qojson'])
    assert.equal(JSON.parse((await uma(['rpt', '--nope', asked])).stderr).error.code, 'unknown_option', asked);
});

/** Nested deeper than the stack of the program goes: a fault in it that an input reaches. */
const DEEP = `e30.${Buffer.from(`{"sub":${'['.repeat(20_000)}${']'.repeat(20_000)}}`).toString('base64url')}.`;

test('cli 11: an unexpected error is exit 1, names the log and the bug address, and shows a stack only when asked', async () => {
  const HOME = temporaryDirectory();
  const run = (args: string[] = [], env: Record<string, string> = {}) =>
    uma(['decode', ...args], { stdin: DEEP, env: { UMA_CONFIG_DIR: '', HOME, ...env } });
  const log = join(HOME, '.local/state/uma/errors.log');
  const plain = await run();
  assert.deepEqual([plain.code, plain.stdout], [1, '']);
  assert.equal(
    plain.stderr,
    `uma: unexpected error: Maximum call stack size exceeded
     a fault in uma itself; the log ${log} has what happened, secrets masked
Try: report it with that log: an issue in the repository that this uma is built from
`,
  );
  assert.match(
    readFileSync(log, 'utf8'),
    /Z uma \d.*: uma decode\nRangeError: Maximum call stack size exceeded\n {4}at /,
  );
  const { error } = JSON.parse((await run(['-o', 'json'])).stderr) as { error: Record<string, unknown> };
  assert.deepEqual([error.code, error.log], ['internal', log]);
  for (const debugged of [await run(['--debug']), await run([], { UMA_DEBUG: '1' })])
    assert.match(debugged.stderr, /^RangeError: .*\n {4}at [\s\S]*\numa: unexpected error: .*\n.*errors\.log/);
  // What stands on the command line stays there.
  assert.equal((await run(['--field', 'payload.of-somebody'])).code, 2);
  await run(['--field', 'payload.sub', '--profile', 'demo']);
  assert.doesNotMatch(readFileSync(log, 'utf8'), /demo|payload/);
});

test('cli 11: a log that cannot be written does not hide the error', async () => {
  const state = join(temporaryDirectory(), 'file');
  writeFileSync(state, '');
  const { code, stderr } = await uma(['decode'], {
    stdin: DEEP,
    env: { UMA_CONFIG_DIR: '', HOME: temporaryDirectory(), XDG_STATE_HOME: state },
  });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^uma: unexpected error: Maximum.*\n {5}.* cannot be written \(ENOTDIR\)\nTry: again with --debug.*\n$/,
  );
  // Where no directory can ever be made.
  const nowhere = await uma(['decode'], { stdin: DEEP, env: { UMA_CONFIG_DIR: '', HOME: '/proc/none' } });
  assert.deepEqual([nowhere.code, /cannot be written \(ENOENT\)/.test(nowhere.stderr)], [1, true]);
});

test('cli 12: -v names each exchange without a secret; with --quiet it is exit 2', async () => {
  peer.answer = { status: 200, body: { access_token: 'rpt-1', token_type: 'Bearer' } };
  const { stderr } = await rpt(['-v'], { UMA_CLIENT_SECRET: 'hunter2' });
  assert.match(stderr, /POST \/token -> 200 \(\d+ ms\) {2}client -> AS http:\/\/127\.0\.0\.1:\d+/);
  assert.doesNotMatch(stderr, /hunter2|password|claim\.token|rpt-1|t0/);
  assert.equal((await rpt(['-v', '--quiet'])).code, 2);
});

test('cli 14: --client-secret VALUE does not exist; the hint names the ways, the value is not repeated', async () => {
  const { code, stderr } = await uma(['rpt', '--client-secret', 'hunter2']);
  assert.equal(code, 2);
  assert.match(stderr, /--client-secret-file/);
  assert.match(stderr, /UMA_CLIENT_SECRET/);
  assert.match(stderr, /ask/);
  assert.doesNotMatch(stderr, /hunter2/);
  // A command with the resource server's client only.
  assert.match((await uma(['pat', '--client-secret', 'hunter2'])).stderr, /Try: --rs-client-secret-file.*UMA_RS_/);
});

test('cli 15: - is standard input, once', async () => {
  assert.equal((await uma(['decode', '--token-file', '-', '--field', 'payload.sub'], { stdin: JWT })).stdout, 'bob\n');
  const twice = await uma(['rpt', '--client-secret-file', '-', '--claim-token-file', '-'], { stdin: 'x' });
  assert.equal(twice.code, 2);
  assert.match(twice.stderr, /standard input/);
});

test('cli 18: a destructive verb refuses without a terminal unless --yes is given', async () => {
  const env = { UMA_CONFIG_DIR: temporaryDirectory() };
  assert.equal((await uma(['profile', 'add', 'p', '--issuer', 'https://as.example'], { env })).code, 0);
  const refused = await uma(['profile', 'delete', 'p'], { env });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--yes/);
  assert.equal((await uma(['profile', 'delete', 'p', '-y'], { env })).code, 0);
});

test('cli 32: a reader that leaves early is no failure', async () => {
  const child = start(['help', 'environment']);
  child.stdout!.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
  const piped = spawnSync('bash', ['-c', `set -o pipefail; ${process.execPath} ${BIN} rpt --help | head -1`]);
  assert.equal(piped.status, 0);
  assert.equal(piped.stderr.toString(), '');
});

test('cli 35: -h, --help, help X and a group alone print help on standard output, exit 0', async () => {
  for (const argv of [
    ['rpt', '-h'],
    ['--help', 'rpt'],
    ['help', 'rpt'],
    ['rpt', '--ticket', 'x', '--help'],
  ]) {
    const { code, stdout, stderr } = await uma(argv);
    assert.equal(code, 0);
    assert.match(stdout, /USAGE\n {2}uma rpt \[flags\]/);
    assert.equal(stderr, '');
  }
  assert.match((await uma(['resource'])).stdout, /uma resource \{list\|/);
  assert.match((await uma([])).stdout, /COMMANDS/);
  assert.equal((await uma(['help', 'rptt'])).code, 2);
});

test('cli 39: --version is one line, -V the same, -o json too', async () => {
  for (const flag of ['--version', '-V']) {
    const { code, stdout } = await uma([flag]);
    assert.equal(code, 0);
    assert.match(stdout, /^uma \d+\.\d+\.\d+\S* \(Node\.js v\d+\.\d+\.\d+, commit \w+\)\n$/);
  }
  assert.deepEqual(Object.keys(JSON.parse((await uma(['--version', '-o', 'json'])).stdout)), [
    'name',
    'version',
    'node',
    'commit',
  ]);
});

test('cli 43: flags may stand before the command', async () => {
  const before = await uma(['--issuer', 'https://x.example', 'profile', 'show', '--origin', '--field', 'issuer.value']);
  const behind = await uma(['profile', 'show', '--origin', '--field', 'issuer.value', '--issuer', 'https://x.example']);
  assert.equal(before.stdout, 'https://x.example\n');
  assert.equal(before.stdout, behind.stdout);
});

test('cli 44: --input that is no JSON names flag and place', async () => {
  const { code, stderr } = await uma(['register', '--input', '-', '--issuer', issuer], {
    stdin: '{"resource_scopes": [',
  });
  assert.equal(code, 2);
  assert.match(stderr, /--input: standard input is not JSON/);
});

test('cli 44: a wrong member of --input is named by its path, and nothing is sent', async () => {
  const cases: [string, string, string][] = [
    ['register', '{"resource_scopes":"view"}', '"resource_scopes" must be an array of strings'],
    ['register', '{"resource_scopes":["view",3]}', '"resource_scopes[1]" must be a non-empty string'],
    ['register', '{"name":5,"resource_scopes":["view"]}', '"name" must be a string'],
    ['register', '{}', '"resource_scopes" is required'],
    ['policy add', '{"resource_id":"a","scopes":"x"}', '"effect" must be "allow" or "deny"'],
    ['policy add', '{"effect":"allow"}', '"resource_id" must be a string'],
    ['ticket', '[{"resource_id":"a","resource_scopes":"x"}]', '"[0].resource_scopes" must be an array of strings'],
    ['ticket', '{"resource_scopes":["x"]}', '"resource_id" is required'],
  ];
  for (const [command, stdin, told] of cases) {
    const { code, stdout, stderr } = await uma(
      [...command.split(' '), '--input', '-', '--issuer', 'http://127.0.0.1:1'],
      {
        stdin,
      },
    );
    assert.deepEqual([code, stdout], [2, ''], `${command} ${stdin}: ${stderr}`);
    assert.ok(stderr.includes(`--input: ${told}\n`), stderr);
  }
});

test('pipes: an object with error goes on unchanged, with its exit code, and nothing is sent', async () => {
  for (const [error, expected] of [
    ['request_submitted', 7],
    ['need_info', 6],
    ['request_denied', 5],
    ['invalid_grant', 2],
    ['invalid_client', 4],
  ] as const) {
    const object = { error, ticket: 't', note: { kept: [1] } };
    const { code, stdout } = await uma(['introspect', '--issuer', 'http://127.0.0.1:1'], {
      stdin: JSON.stringify(object),
    });
    assert.deepEqual(JSON.parse(stdout), object);
    assert.equal(code, expected);
  }
});

test('a project file above the working directory is found, and may not name a server', async () => {
  const top = temporaryDirectory();
  const cwd = join(top, 'a', 'b');
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(top, 'uma.json'), '{"resource":"album"}');
  assert.equal(
    (await uma(['profile', 'show', '--origin', '--field', 'resource'], { cwd })).stdout,
    '{"value":"album","origin":"project file"}\n',
  );
  writeFileSync(join(top, 'a', 'uma.json'), '{"issuer":"https://evil.example"}');
  const refused = await uma(['discover'], { cwd });
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /uma\.json.*"issuer"/);
});
