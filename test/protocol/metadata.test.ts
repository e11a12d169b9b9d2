import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ENDPOINTS,
  isLoopback,
  readMetadata,
  readPartialMetadata,
  wellKnownUrls,
} from '../../src/protocol/metadata.ts';
import { answer, thrown } from './exchange.ts';

const ISSUER = 'https://as.example/tenant1';
const document = { issuer: ISSUER, token_endpoint: 'https://as.example/token' };

describe('wellKnownUrls', () => {
  it('GRANT-2-03: appended to the issuer first, then inserted before its path (RFC 8414 3.1)', () => {
    assert.deepEqual(wellKnownUrls(ISSUER), [
      'https://as.example/tenant1/.well-known/uma2-configuration',
      'https://as.example/.well-known/uma2-configuration/tenant1',
    ]);
  });
  it('a final slash of the issuer is not doubled', () => {
    assert.deepEqual(wellKnownUrls(`${ISSUER}/`), wellKnownUrls(ISSUER));
  });
  it('an issuer without a path has one address', () => {
    for (const issuer of ['https://as.example:8443', 'https://as.example:8443/'])
      assert.deepEqual(wellKnownUrls(issuer), ['https://as.example:8443/.well-known/uma2-configuration']);
  });
  it('other documents stand at the same places', () => {
    assert.deepEqual(wellKnownUrls('https://h/realms/a', 'openid-configuration'), [
      'https://h/realms/a/.well-known/openid-configuration',
      'https://h/.well-known/openid-configuration/realms/a',
    ]);
  });
});

describe('readMetadata', () => {
  it('gives the document, unknown members kept (GRANT-1.2-01)', () => {
    const full = { ...document, x_vendor: { a: 1 }, uma_profiles_supported: [] };
    assert.deepEqual(readMetadata(answer(200, full), ISSUER), full);
  });

  for (const other of [
    'https://evil.example/tenant1',
    'https://as.example/tenant2',
    `${ISSUER}/`,
    `${ISSUER}/.well-known/uma2-configuration`,
    'http://as.example/tenant1',
    undefined,
    [ISSUER],
  ]) {
    it(`SEC-8414-02: a document of ${JSON.stringify(other)} is not used`, () => {
      const error = thrown(() => readMetadata(answer(200, { ...document, issuer: other }), ISSUER), 'issuer_mismatch');
      assert.equal(error.category, 'peer');
      assert.ok(error.message.includes(JSON.stringify(ISSUER)), error.message);
    });
  }

  for (const [name, asked, told] of [
    ['another case', 'https://as.example', 'https://AS.example'],
    ['a default port', 'https://as.example', 'https://as.example:443'],
    ['a Cyrillic a', 'https://as.example', 'https://аs.example'],
    ['composed and decomposed letters', 'https://as.example/caf\u00e9', 'https://as.example/cafe\u0301'],
    ['percent-encoding', 'https://as.example/caf%C3%A9', 'https://as.example/caf%c3%a9'],
    ['a dot segment', 'https://as.example/a', 'https://as.example/b/../a'],
    ['a final blank', 'https://as.example', 'https://as.example '],
  ] as const) {
    it(`SEC-8414-06: issuers are compared code point by code point: ${name}`, () => {
      thrown(() => readMetadata(answer(200, { ...document, issuer: told }), asked), 'issuer_mismatch');
    });
  }

  it('has to name a token endpoint', () => {
    const error = thrown(() => readMetadata(answer(200, { issuer: ISSUER }), ISSUER), 'invalid_metadata');
    assert.match(error.message, /"token_endpoint"/);
    assert.deepEqual(readPartialMetadata(answer(200, { issuer: ISSUER }), ISSUER), { issuer: ISSUER });
  });

  for (const name of ENDPOINTS) {
    it(`${name} is a URL`, () => {
      for (const bad of [1, '', '/relative', null, ['https://as.example']]) {
        const error = thrown(() => readMetadata(answer(200, { ...document, [name]: bad }), ISSUER), 'invalid_metadata');
        assert.ok(error.message.includes(`"${name}"`));
      }
    });
  }

  it('lists are arrays of strings', () => {
    for (const name of ['grant_types_supported', 'uma_profiles_supported', 'scopes_supported'])
      for (const bad of ['password', [1], {}, null])
        thrown(() => readMetadata(answer(200, { ...document, [name]: bad }), ISSUER), 'invalid_metadata');
  });

  it('what is no JSON object names the address and the status', () => {
    for (const [body, what] of [
      ['<html>', 'a body that is not JSON'],
      ['', 'an empty body'],
      ['[]', 'an answer that is no JSON object'],
    ]) {
      const error = thrown(() => readMetadata(answer(200, body, { 'content-type': 'text/html' }), ISSUER), 'not_json');
      assert.equal(error.message, `POST https://as.example/token answered 200 with ${what}`);
      assert.match(error.hint ?? '', /text\/html/);
    }
  });
});

describe('isLoopback', () => {
  for (const url of [
    'http://localhost:9400',
    'http://127.0.0.1',
    'http://127.9.9.9:1/x',
    'http://[::1]:9400',
    'http://127.1',
  ])
    it(`${url} is`, () => assert.equal(isLoopback(url), true));
  for (const url of [
    'http://localhost.example',
    'http://127.0.0.1.example',
    'http://0.0.0.0',
    'http://128.0.0.1',
    'http://[::2]',
    'http://user@evil.example/127.0.0.1',
    'http://localhost@evil.example',
  ])
    it(`${url} is not`, () => assert.equal(isLoopback(url), false));
});
