import assert from 'node:assert/strict';
import { it } from 'node:test';
import { text } from '../../../src/server/console/page.ts';
import { lookAlikes } from '../../../src/server/owner/look-alike.ts';

it('a user name with a letter that nobody sees looks like the one without; another name does not', async () => {
  const people = [{ sub: '1', username: 'bob' }];
  for (const hidden of ['\u200b', '\u00ad', '\u2060', '\ufeff', '\u200d', '\u{e0061}'])
    assert.deepEqual(await lookAlikes(`bo${hidden}b`, people), people, hidden.codePointAt(0)?.toString(16));
  assert.deepEqual(await lookAlikes('bo-b', people), []);
  assert.deepEqual(await lookAlikes('bob', people), []);
});

it('text of a page has no markup, no control characters, none that turn the direction and none that nobody sees', () => {
  assert.equal(text('a<b>"\'&'), 'a&lt;b&gt;&quot;&#39;&amp;');
  for (const char of '\u0000\u001b\u009b\u00ad\u061c\u200b\u200e\u202e\u2060\u2066\u2069\ufeff')
    assert.equal(text(`a${char}b`), 'a b', char.codePointAt(0)?.toString(16));
  assert.equal(text('नी‌ल 👩‍💻'), 'नी‌ल 👩‍💻');
});
