import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formRequest } from '../../src/conformance/browser.ts';
import { formsOf, textOf } from '../../src/conformance/html.ts';

const PAGE = `<!doctype html><title>T</title><style>p{}</style><h1>Let <b>App</b> in?</h1>
<form method='post' action="/go?a=1&amp;b=2">
  <input type=hidden name=csrf value="x&quot;y"><input type="checkbox" name="persist" value="yes">
  <input type="checkbox" name="more" checked><label>Name <input name="user"></label><input type="password" name="pw">
  <button type="submit" name="action" value="agree">Yes, <i>share</i></button><button type="button">?</button>
  <input type="submit" name="action" value="cancel" formaction="/no">
</form><form><input name="q"></form>`;

test('forms are read with their fields, buttons and addresses', () => {
  const [first, second] = formsOf(PAGE, 'https://as.example/page');
  assert.equal(first?.action, 'https://as.example/go?a=1&b=2');
  assert.equal(first.method, 'POST');
  assert.deepEqual(
    first.fields.map(({ type, name, value, checked }) => [type, name, value, checked]),
    [
      ['hidden', 'csrf', 'x"y', false],
      ['checkbox', 'persist', 'yes', false],
      ['checkbox', 'more', 'on', true],
      ['text', 'user', '', false],
      ['password', 'pw', '', false],
    ],
  );
  assert.deepEqual(first.buttons, [
    { name: 'action', value: 'cancel', label: 'cancel', action: '/no' },
    { name: 'action', value: 'agree', label: 'Yes, share' },
  ]);
  assert.equal(second?.action, 'https://as.example/page');
  assert.equal(second.method, 'GET');
});

test('a form is sent as a browser would: ticked boxes only, what is typed wins', () => {
  const [form] = formsOf(PAGE, 'https://as.example/page');
  const request = formRequest(form!, { user: 'bob', pw: 'secret', action: 'agree' });
  assert.equal(request.method, 'POST');
  assert.deepEqual(
    [...new URLSearchParams(request.body)],
    [
      ['csrf', 'x"y'],
      ['more', 'on'],
      ['user', 'bob'],
      ['pw', 'secret'],
      ['action', 'agree'],
    ],
  );
});

test('text is what a person reads', () => {
  assert.equal(textOf(PAGE).startsWith('T Let App in? Name'), true);
});
