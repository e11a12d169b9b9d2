import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '../../src/cli/command.ts';
import { errorText } from '../../src/cli/error-text.ts';
import { EXIT, EXIT_MEANING, exitCodeOf, exitCodeOfWireError } from '../../src/cli/exit-codes.ts';
import { valueAt } from '../../src/cli/fields.ts';
import type { Io } from '../../src/cli/io.ts';
import { outputOptions, printResult } from '../../src/cli/output.ts';
import { clean, makePaint, wantsColor } from '../../src/cli/paint.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { mask, maskText } from '../../src/protocol/secrets.ts';

function fakeIo(tty: boolean): Io & { stdout: string; stderr: string } {
  const io = {
    stdinIsTty: tty,
    stdoutIsTty: tty,
    stderrIsTty: tty,
    env: {},
    cwd: '/',
    platform: 'linux',
    home: '/',
    columns: undefined,
    readStdin: async () => '',
    stdout: '',
    stderr: '',
    out: (text: string) => {
      io.stdout += text;
    },
    err: (text: string) => {
      io.stderr += text;
    },
  };
  return io;
}

async function print(result: Result, flags: Record<string, unknown> = {}, tty = false, fields?: string[]) {
  const io = fakeIo(tty);
  const code = await printResult(result, outputOptions(flags, io), io, fields);
  return { code, stdout: io.stdout, stderr: io.stderr };
}

const TOKEN = 'abcdefghijklmnopqrstuvwxyz';
/** Of an error that somebody expected. */
const writeDown = () => assert.fail('nothing is written down');
const RESULT: Result = {
  value: { access_token: TOKEN, expires_in: 60, permissions: [{ resource_id: 'r1', resource_scopes: ['view'] }] },
  view: (paint) => `token ${paint.secret(TOKEN)}`,
  note: 'next: something',
};

test('piped: one line of JSON, whole tokens, the note on standard error', async () => {
  const { stdout, stderr, code } = await print(RESULT);
  assert.equal(stdout, `${JSON.stringify(RESULT.value)}\n`);
  assert.equal(stderr, 'next: something\n');
  assert.equal(code, 0);
});

test('on a terminal: the view, tokens masked; -o json masks too, --show-secrets does not', async () => {
  assert.equal((await print(RESULT, {}, true)).stdout, 'token abcd…wxyz\n');
  const json = (await print(RESULT, { output: 'json' }, true)).stdout;
  assert.equal(JSON.parse(json).access_token, 'abcd…wxyz');
  assert.match((await print(RESULT, { output: 'json', showSecrets: true }, true)).stdout, new RegExp(TOKEN));
  assert.equal((await print(RESULT, { output: 'text' })).stdout, `token ${TOKEN}\n`);
});

test('--json a,b keeps those; an unknown field is exit 2 and lists the valid ones', async () => {
  assert.equal((await print(RESULT, { json: 'expires_in' })).stdout, '{"expires_in":60}\n');
  await assert.rejects(
    print(RESULT, { json: 'expires' }),
    (error) =>
      error instanceof UmaError &&
      error.category === 'usage' &&
      /access_token, expires_in, permissions/.test(error.hint ?? ''),
  );
  assert.equal((await print({ value: [{ a: 1, b: 2 }] }, { json: 'b' })).stdout, '[{"b":2}]\n');
});

test('--field prints one value raw, --header what curl takes; nothing else on standard output', async () => {
  assert.equal((await print(RESULT, { field: 'access_token' }, true)).stdout, `${TOKEN}\n`);
  assert.equal((await print(RESULT, { field: 'permissions[0].resource_scopes' })).stdout, '["view"]\n');
  assert.equal((await print(RESULT, { header: true })).stdout, `Authorization: Bearer ${TOKEN}\n`);
  await assert.rejects(print(RESULT, { field: 'nope' }), { code: 'unknown_field' });
  assert.equal(valueAt({ a: [{ b: 0 }] }, 'a.0.b'), 0);
  assert.equal(valueAt({ a: 1 }, 'a.toString'), undefined);
});

test('a refused outcome without the value asked for leaves standard output empty, so that $(...) holds no error', async () => {
  const refused: Result = { value: { error: 'request_submitted', ticket: 't' }, exitCode: EXIT.request_submitted };
  const { stdout, stderr, code } = await print(refused, { field: 'access_token' });
  assert.equal(stdout, '');
  assert.deepEqual(JSON.parse(stderr), refused.value);
  assert.equal(code, 7);
  assert.equal((await print(refused, { field: 'ticket' })).stdout, 't\n');
});

test('cli 46: a change is told once: by the view on a terminal, elsewhere on standard error beside the object', async () => {
  const changed: Result = { value: { _id: 'r1' }, told: 'deleted r1', note: 'next: something' };
  const on = async (flags: Record<string, unknown>, tty: boolean, result = changed) => {
    const { stdout, stderr } = await print(result, flags, tty);
    return [stdout, stderr];
  };
  const object = '{"_id":"r1"}\n';
  assert.deepEqual(await on({}, true), ['deleted r1\n', 'next: something\n']);
  assert.deepEqual(await on({ output: 'text' }, false), ['deleted r1\n', 'next: something\n']);
  assert.deepEqual(await on({}, false), [object, 'deleted r1; next: something\n']);
  assert.deepEqual(await on({ quiet: true }, false), [object, '']);
  assert.deepEqual(await on({ quiet: true }, true), ['deleted r1\n', '']);
  assert.deepEqual(await on({ field: '_id' }, true), ['r1\n', 'deleted r1; next: something\n']);
  assert.deepEqual(await on({}, true, { value: {}, told: 'deleted \u001b[2Jr1' }), ['deleted [2Jr1\n', '']);
  assert.deepEqual(await on({}, true, { ...changed, view: () => 'r1' }), ['r1\n', 'next: something\n']);
});

test('cli 6: an empty list: [] in JSON, the hint on a terminal only', async () => {
  const empty: Result = { value: [], emptyHint: 'none yet', view: () => '' };
  assert.deepEqual(await print(empty, { json: 'id' }, false, ['id']), { code: 0, stdout: '[]\n', stderr: '' });
  assert.equal((await print(empty, {}, true)).stderr, 'none yet\n');
});

test('--quiet leaves only the result; flags that exclude each other are exit 2', async () => {
  assert.equal((await print(RESULT, { quiet: true })).stderr, '');
  for (const flags of [
    { quiet: true, verbose: 1 },
    { json: '', output: 'text' },
    { field: 'a', header: true },
  ]) {
    assert.throws(() => outputOptions(flags, { stdoutIsTty: false }), { code: 'conflicting_flags', category: 'usage' });
  }
});

test('cli 22: colour: --color, NO_COLOR, FORCE_COLOR, TERM=dumb, terminal', () => {
  const cases: [Parameters<typeof wantsColor>[0], Record<string, string>, boolean, boolean][] = [
    ['always', { NO_COLOR: '1' }, false, true],
    ['never', { FORCE_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['auto', { NO_COLOR: '', FORCE_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '0' }, true, false],
    ['auto', { TERM: 'dumb' }, true, false],
    ['auto', { TERM: 'xterm' }, true, true],
    ['auto', {}, false, false],
  ];
  for (const [when, env, tty, expected] of cases)
    assert.equal(wantsColor(when, { env }, tty), expected, JSON.stringify([when, env, tty]));
});

test('text of a peer cannot steer a terminal (decision 9, SEC)', async () => {
  const evil = 'a\u001b[2Jb\u009b31mc\r\nd\u202ee\u0007';
  assert.equal(clean(evil), 'a[2Jb31mcde');
  assert.equal(clean(evil, true), 'a[2Jb31mc\nde');
  const shown = (await print({ value: { name: evil, [evil]: 1 } }, { output: 'json' }, true)).stdout;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the test
  assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\\u001b/);
  const paint = await makePaint({ color: false, masked: false });
  assert.equal(paint.table(['h'], [[evil]]), 'h\na[2Jb31mcde');
  const { text } = errorText(new UmaError('peer', 'x', evil, { hint: evil }), {
    json: false,
    debug: false,
    usage: undefined,
    title: 'uma',
    paint,
    mask: maskText,
    writeDown,
  });
  assert.equal(text.split('\n').length, 3);
  // Also where a view forgot to clean, and where one value is printed raw.
  const careless: Result = { value: { name: evil }, view: ({ bold }) => `${bold('x')} ${evil}` };
  assert.equal((await print(careless, { color: 'never' }, true)).stdout, 'x a[2Jb31mc\nde\n');
  assert.equal((await print(careless, { color: 'always' }, true)).stdout, '\u001b[1mx\u001b[22m a[2Jb31mc\nde\n');
  assert.equal((await print(careless, { field: 'name' }, true)).stdout, 'a[2Jb31mc\nde\n');
  assert.equal((await print(careless, { field: 'name' })).stdout, `${evil}\n`, 'piped, the value is whole');
});

test('a mask never shows most of a token', () => {
  assert.equal(mask('short-secret'), '…');
  assert.equal(mask(TOKEN), 'abcd…wxyz');
});

test('cli 9, 10: errors: what, why, Try; as JSON one object', async () => {
  const paint = await makePaint({ color: false, masked: false });
  const error = new UmaError('refused', 'invalid_grant', 'no RPT: the server said no', {
    hint: 'uma ticket',
    spec: 'UMA Grant 3.3.6',
    status: 400,
  });
  const plain = errorText(error, {
    json: false,
    debug: false,
    usage: 'uma rpt',
    title: 'uma rpt',
    paint,
    mask: maskText,
    writeDown,
  });
  assert.match(plain.text, /^uma: no RPT.*\n {5}invalid_grant, status 400, UMA Grant 3\.3\.6\nTry: uma ticket\n$/);
  assert.equal(plain.exitCode, 2);
  const json = errorText(error, {
    json: true,
    debug: false,
    usage: undefined,
    title: 'uma rpt',
    paint,
    mask: maskText,
    writeDown,
  });
  assert.deepEqual(JSON.parse(json.text), {
    error: {
      code: 'invalid_grant',
      message: 'no RPT: the server said no',
      hint: 'uma ticket',
      spec: 'UMA Grant 3.3.6',
      status: 400,
    },
  });
});

test('cli 11: an unexpected error names log and bug address, also in JSON, and where the log cannot be written', async () => {
  const paint = await makePaint({ color: false, masked: false });
  const error = new TypeError('x is not a function, client_secret=hunter2');
  const told = (more: { json?: boolean; debug?: boolean }, unwritable?: string) =>
    errorText(error, {
      json: false,
      debug: false,
      ...more,
      usage: 'uma rpt',
      title: 'uma rpt',
      paint,
      mask: maskText,
      writeDown: () => ({ file: '/s/errors.log', ...(unwritable === undefined ? {} : { unwritable }) }),
    });
  assert.equal(told({}).exitCode, 1);
  assert.equal(
    told({}).text,
    `uma: unexpected error: x is not a function, client_secret=…
     a fault in uma itself; the log /s/errors.log has what happened, secrets masked
Try: report it with that log: an issue in the repository that this uma is built from
`,
  );
  assert.match(told({ debug: true }).text, /^TypeError: x is not a function, client_secret=…\n {4}at /);
  const { error: object } = JSON.parse(told({ json: true }).text);
  assert.equal(object.code, 'internal');
  assert.equal(object.log, '/s/errors.log');
  assert.match(object.hint, /report it with that log: an issue in the repository/);
  const readOnly = told({}, 'EROFS').text;
  assert.match(readOnly, /^ {5}a fault in uma itself; the log \/s\/errors\.log cannot be written \(EROFS\)$/m);
  assert.match(readOnly, /^Try: again with --debug, .*repository/m);
  assert.match(told({ debug: true }, 'EROFS').text, /^Try: report it with the lines above/m);
  assert.equal(JSON.parse(told({ json: true }, 'EROFS').text).error.log, undefined);
});

test('cli 7: exit codes: one table, each category and outcome in it', () => {
  const told = new Set(EXIT_MEANING.map(([code]) => code));
  for (const code of Object.values(EXIT)) assert.ok(told.has(code), `${code} is told`);
  assert.deepEqual(
    (['usage', 'config', 'authentication', 'network', 'peer', 'refused', 'interrupted', 'internal'] as const).map(
      exitCodeOf,
    ),
    [2, 3, 4, 8, 9, 2, 130, 1],
  );
  assert.deepEqual(
    ['request_denied', 'need_info', 'request_submitted', 'invalid_client', 'invalid_grant', 'whatever'].map(
      exitCodeOfWireError,
    ),
    [5, 6, 7, 4, 2, 2],
  );
});
