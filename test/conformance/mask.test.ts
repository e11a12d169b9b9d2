import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskExchange, maskText } from '../../src/conformance/mask.ts';

const SECRET = 'S3CRETS3CRETS3CRETS3CRET';

const PLACES: readonly (readonly [place: string, text: string])[] = [
  ['a JSON member', `{"access_token":"${SECRET}"}`],
  ['a JSON member with blanks', `{"claim_token" : "${SECRET}"}`],
  ['a form member', `a=1&ticket=${SECRET}&b=2`],
  ['the first form member', `refresh_token=${SECRET}`],
  ['a query', `https://as.example/claims?client_id=c&ticket=${SECRET}`],
  ['a fragment', `https://c.example/cb#access_token=${SECRET}`],
  ['a password', `username=bob&password=${SECRET}`],
  ['a secret in JSON', `{"client_secret":"${SECRET}"}`],
];

for (const [place, text] of PLACES) {
  test(`a secret in ${place} is masked`, () => {
    assert.ok(!maskText(text).includes(SECRET), maskText(text));
  });
}

test('two tokens can still be told apart, and what is no secret stays', () => {
  assert.equal(maskText('ticket=abcdefghijklmnop&scope=view'), 'ticket=abcdef…(16)&scope=view');
  assert.notEqual(maskText('{"ticket":"abcdefghijklmnop"}'), maskText('{"ticket":"bcdefghijklmnopq"}'));
  assert.equal(maskText('{"error":"need_info","interval":5}'), '{"error":"need_info","interval":5}');
});

test('an exchange is masked on both sides: headers, cookies, addresses, hidden fields', () => {
  const masked = JSON.stringify(
    maskExchange({
      request: {
        method: 'POST',
        url: `https://as.example/token?ticket=${SECRET}`,
        headers: { authorization: `Bearer ${SECRET}`, dpop: [SECRET, `${SECRET}2`], cookie: `session=${SECRET}` },
        body: `client_id=c&client_secret=${SECRET}`,
      },
      response: {
        status: 302,
        headers: { location: `https://c.example/cb?code=${SECRET}&state=x`, 'set-cookie': `session=${SECRET}; Path=/` },
        cookies: [`session=${SECRET}; Path=/`],
        body: `<input type="hidden" name="csrf" value="${SECRET}">`,
      },
    }),
  );
  assert.ok(!masked.includes(SECRET), masked);
  assert.ok(masked.includes('state=x') && masked.includes('client_id=c'));
});

test('Basic credentials leave nothing behind', () => {
  const request = {
    method: 'GET',
    url: 'https://as.example/',
    headers: { authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
  };
  const response = { status: 200, headers: {}, cookies: [], body: '' };
  assert.deepEqual(maskExchange({ request, response }).request.headers, { authorization: 'Basic ***' });
});
