import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PipedInput, readPiped } from '../../src/cli/input.ts';
import { UmaError } from '../../src/protocol/errors.ts';

const read = (text: string) => readPiped(text) as PipedInput;

test('an object gives its members with the names of the wire', () => {
  const input = read('{"ticket":"t1","as_uri":"https://as.example","n":1}\n');
  assert.equal(input.form, 'object');
  assert.equal(input.text('ticket'), 't1');
  assert.equal(input.text('as_uri'), 'https://as.example');
  assert.equal(input.text('n'), undefined, 'a number is no text');
  assert.equal(input.text('constructor'), undefined, 'nothing is inherited');
});

test('a bare token, quoted or not, answers to every name that means a token, and to no other', () => {
  for (const text of ['abc.def-1_2~+/==\n', '"abc.def-1_2~+/=="']) {
    const input = read(text);
    assert.equal(input.form, 'token');
    for (const name of ['ticket', 'access_token', 'token', 'claim_token'])
      assert.equal(input.text(name), 'abc.def-1_2~+/==');
    assert.equal(input.text('as_uri'), undefined);
    assert.equal(input.text('resource'), undefined);
  }
});

test('a UMA challenge is read with and without the name of its field (GRANT-3.2.1)', () => {
  const value = 'UMA realm="photos", as_uri="https://as.example", ticket="t 2"';
  for (const text of [value, `WWW-Authenticate: ${value}`, `www-authenticate:${value}\r\n`]) {
    const input = read(text);
    assert.equal(input.form, 'challenge');
    assert.equal(input.text('ticket'), 't 2');
    assert.equal(input.text('as_uri'), 'https://as.example');
  }
});

test('several WWW-Authenticate lines, as grep leaves them, are one field', () => {
  const bearer = 'WWW-Authenticate: Bearer realm="x"';
  const uma = 'www-authenticate: UMA as_uri="https://as.example", ticket="t1"';
  for (const text of [`${bearer}\r\n${uma}`, `${uma}\n${bearer}\n`]) assert.equal(read(text).text('ticket'), 't1');
});

test('a whole response as from curl -si: its challenge, also beside a body with an error and after a 100', () => {
  const response = [
    'HTTP/1.1 100 Continue',
    '',
    'HTTP/1.1 401 Unauthorized',
    'Content-Type: application/json',
    'WWW-Authenticate: Bearer realm="x"',
    'www-authenticate: UMA realm="photos", as_uri="https://as.example", ticket="t3"',
    '',
    '{"error":"unauthorized"}',
  ].join('\r\n');
  const input = read(response);
  assert.equal(input.form, 'response');
  assert.equal(input.text('ticket'), 't3');
});

test('a whole response without a challenge: its JSON body', () => {
  const input = read('HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{\n "access_token": "a1"\n}\n');
  assert.equal(input.text('access_token'), 'a1');
});

test('an object with error is passed on, from a response too', () => {
  const body = '{"error":"request_submitted","ticket":"t4","interval":5}';
  for (const text of [body, `HTTP/1.1 403 Forbidden\r\n\r\n${body}`]) {
    assert.deepEqual(readPiped(text), {
      form: 'refused',
      error: 'request_submitted',
      value: { error: 'request_submitted', ticket: 't4', interval: 5 },
    });
  }
});

test('an array stands under items', () => {
  assert.deepEqual(read('[{"id":"r1"}]').members.items, [{ id: 'r1' }]);
});

test('blank is nothing', () => {
  for (const text of ['', ' \n\t', '\uFEFF\n']) assert.equal(readPiped(text), undefined);
});

test('what is not understood is exit 2, says what would be, and is never repeated: it may be a secret', () => {
  for (const text of [
    '{"password": hunter2',
    '<html>hunter2</html>',
    'two words hunter2',
    '42 hunter2',
    'HTTP/1.1 200 OK\r\n\r\nhunter2',
    'UMA realm="hunter2"',
  ]) {
    assert.throws(
      () => readPiped(text),
      (error) =>
        error instanceof UmaError &&
        error.category === 'usage' &&
        !JSON.stringify([error.message, error.hint]).includes('hunter2') &&
        /curl/.test(error.hint ?? ''),
      text,
    );
  }
});

test('any text is read or refused, and nothing else happens', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((text) => `HTTP/1.1 401 X\r\nWWW-Authenticate: UMA ${text}`),
      ),
      (text) => {
        try {
          readPiped(text);
        } catch (error) {
          assert.ok(error instanceof UmaError);
        }
      },
    ),
  );
});
