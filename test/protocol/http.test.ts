import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UmaError } from '../../src/protocol/errors.ts';
import { clientAuthentication, formBody, formPost, jsonRequest, refusal } from '../../src/protocol/http.ts';
import { answer } from './exchange.ts';

describe('clientAuthentication', () => {
  const pairOf = (authorization: string | undefined) =>
    Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();

  it('id and secret are form-encoded before Basic (RFC 6749 2.3.1)', () => {
    const { headers, members } = clientAuthentication({
      id: 'https://rs.example:1',
      secret: 'p a:s+s%é',
      method: 'client_secret_basic',
    });
    assert.equal(pairOf(headers.authorization), 'https%3A%2F%2Frs.example%3A1:p+a%3As%2Bs%25%C3%A9');
    assert.deepEqual(members, {});
  });
  it('a server that form-decodes reads back any id and secret', () => {
    const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (id, secret) => {
        const { headers } = clientAuthentication({ id, secret, method: 'client_secret_basic' });
        const [first, second, ...rest] = pairOf(headers.authorization).split(':');
        assert.deepEqual([decode(first ?? ''), decode(second ?? ''), rest], [id, secret, []]);
      }),
    );
  });
  it('post sends both in the form, none only the id', () => {
    assert.deepEqual(clientAuthentication({ id: 'a', secret: 's', method: 'client_secret_post' }), {
      headers: {},
      members: { client_id: 'a', client_secret: 's' },
    });
    assert.deepEqual(clientAuthentication({ id: 'a', secret: 'forgotten', method: 'none' }).members, {
      client_id: 'a',
      client_secret: undefined,
    });
  });
  it('a missing secret is the empty one', () => {
    assert.equal(pairOf(clientAuthentication({ id: 'a', method: 'client_secret_basic' }).headers.authorization), 'a:');
  });
});

describe('requests', () => {
  it('a form leaves absent members out and repeats lists', () => {
    assert.equal(formBody({ a: '1 2&3', b: undefined, c: ['x', 'y'], d: '' }), 'a=1+2%263&c=x&c=y&d=');
    assert.equal(formPost('https://as.example', {}, { authorization: 'x' }).headers.authorization, 'x');
  });
  it('JSON has a content type only with a body', () => {
    assert.deepEqual(jsonRequest('GET', 'https://as.example'), {
      method: 'GET',
      url: 'https://as.example',
      headers: { accept: 'application/json' },
    });
    assert.equal(jsonRequest('PUT', 'https://as.example', null).body, 'null');
  });
});

describe('refusal reads what a server sends', () => {
  for (const [name, status, body, headers, category, code] of [
    ['its error code', 400, { error: 'invalid_scope' }, {}, 'refused', 'invalid_scope'],
    ['401 with a body', 401, { error: 'invalid_client' }, {}, 'authentication', 'invalid_client'],
    ['invalid_client under 400', 400, { error: 'invalid_client' }, {}, 'authentication', 'invalid_client'],
    ['invalid_token under 403', 403, { error: 'invalid_token' }, {}, 'authentication', 'invalid_token'],
    ['401 with a bare challenge', 401, '', { 'www-authenticate': 'Bearer' }, 'authentication', 'http_401'],
    [
      'the code of the challenge',
      403,
      '',
      { 'www-authenticate': 'Bearer realm="x", error="insufficient_scope"' },
      'refused',
      'insufficient_scope',
    ],
    [
      'the body before the challenge',
      401,
      { error: 'invalid_client' },
      { 'www-authenticate': 'Bearer error="invalid_token"' },
      'authentication',
      'invalid_client',
    ],
    ['no JSON', 404, '<h1>Not Found</h1>', {}, 'refused', 'http_404'],
    ['an error that is no string', 400, { error: { code: 1 } }, {}, 'refused', 'http_400'],
    ['JSON that is no object', 400, '"invalid_grant"', {}, 'refused', 'http_400'],
    ['a failing server', 503, { error: 'temporarily_unavailable' }, {}, 'peer', 'temporarily_unavailable'],
    ['a redirect', 307, '', { location: 'https://other.example/token?secret' }, 'peer', 'http_307'],
    ['a failing server in HTML', 502, '<html>', {}, 'peer', 'http_502'],
  ] as const) {
    it(name, () => {
      const error = refusal(answer(status, body, headers), 'no answer');
      assert.deepEqual([error.category, error.code, error.status], [category, code, status]);
      assert.ok(error.message.startsWith('no answer: POST https://as.example/token answered '), error.message);
    });
  }
  it('a client that is not accepted is told to look at its secret, whichever code says so', () => {
    const hintOf = (status: number, error: string) => refusal(answer(status, { error }), 'x').hint ?? '';
    assert.match(hintOf(401, 'invalid_client'), /id and secret/);
    assert.match(hintOf(401, 'unauthorized_client'), /id and secret/);
    assert.equal(hintOf(400, 'unauthorized_client'), '', 'a client that may not use this grant');
  });
  it('keeps the description only when it is text, and no other member', () => {
    assert.deepEqual(refusal(answer(400, { error: 'a', error_description: 'why', ticket: 't' }), 'x').wire, {
      error: 'a',
      error_description: 'why',
    });
    assert.deepEqual(refusal(answer(400, { error: 'a', error_description: 1 }), 'x').wire, { error: 'a' });
  });
  it('a redirect is named without its query, and that it is not followed', () => {
    const { message, hint } = refusal(answer(307, '', { location: 'https://other.example/token?code=s3cret' }), 'x');
    assert.match(message, /answered status 307, a redirect to https:\/\/other\.example\/token$/);
    assert.match(hint ?? '', /no credential follows/);
  });
  it('the query of the address, which can hold a token, stays out', () => {
    assert.ok(!refusal(answer(400, {}), 'x').message.includes('s3cret'));
  });
});

it('an UmaError hides its exchange from JSON and from a spread', () => {
  const error = new UmaError('peer', 'c', 'm', { exchange: answer(200, 'body-text') });
  assert.ok(!JSON.stringify(error).includes('body-text'));
  assert.ok(!('exchange' in { ...error }));
  assert.equal(error.exchange?.response.body, 'body-text');
});
