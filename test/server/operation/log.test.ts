import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, type Level } from '../../../src/server/operation/log.ts';

const SECRET = 'q3nXb7-vT1mK9sLwE5rYu2Zp0aHd6fGjC8oQiNxVtAk';

function written(format: 'text' | 'json', level: Level = 'info') {
  const lines: string[] = [];
  return { log: createLog({ format, level, write: (line) => lines.push(line) }), lines };
}

test('json: one object a line, with time, level, process, message and fields', () => {
  const { log, lines } = written('json');
  log('info', 'it begins', { issuer: 'https://as.example' });
  const { time, ...line } = JSON.parse(lines[0]!);
  assert.deepEqual(line, { level: 'info', pid: process.pid, msg: 'it begins', issuer: 'https://as.example' });
  assert.equal(new Date(time).toISOString(), time);
  assert.match(lines[0]!, /^[^\n]*\n$/);
});

test('levels: less than the level is left out', () => {
  const { log, lines } = written('json', 'warn');
  log('debug', 'no');
  log('info', 'no');
  log('warn', 'yes');
  log('error', 'yes');
  assert.equal(lines.length, 2);
});

for (const format of ['json', 'text'] as const) {
  test(`${format}: an error with its stack, the request, and what was behind it`, () => {
    const { log, lines } = written(format);
    log.failed('POST /token failed', new Error('no answer', { cause: new Error('ECONNRESET of the driver') }), 'req-1');
    const text = lines.join('');
    for (const part of ['POST /token failed', 'req-1', 'no answer', 'ECONNRESET of the driver', 'log.test.ts'])
      assert.ok(text.includes(part), part);
  });

  test(`${format}: a secret in a message, a field, a stack or a cause is masked`, () => {
    const { log, lines } = written(format);
    log('warn', `GET /cb?code=${SECRET}&state=1 failed`, {
      headers: { authorization: `Bearer ${SECRET}`, cookie: `_session=${SECRET}` },
      body: JSON.stringify({ access_token: SECRET }),
      password: SECRET,
      nested: [{ refresh_token: SECRET }],
    });
    const error = new Error(`upstream said: {"client_secret":"${SECRET}"}`, { cause: new Error(`Bearer ${SECRET}`) });
    log.failed(`Authorization: Bearer ${SECRET}`, error);
    log.failed('a thrown text', `ticket=${SECRET}`);
    assert.equal(lines.length, 3);
    assert.ok(!lines.join('').includes(SECRET), lines.join(''));
  });
}
