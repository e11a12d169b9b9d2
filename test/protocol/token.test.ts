import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildClientCredentialsGrant, buildPasswordGrant, readTokenAnswer } from '../../src/protocol/token.ts';
import { answer, thrown } from './exchange.ts';

const client = { id: 'rs', secret: 's', method: 'client_secret_post' } as const;

it('grants carry their parameters in the form', () => {
  const password = buildPasswordGrant('https://as.example/token', client, {
    username: 'al ice',
    password: 'p&w',
    scope: 'uma_protection',
  });
  assert.deepEqual(Object.fromEntries(new URLSearchParams(password.body)), {
    client_id: 'rs',
    client_secret: 's',
    grant_type: 'password',
    username: 'al ice',
    password: 'p&w',
    scope: 'uma_protection',
  });
  const own = buildClientCredentialsGrant('https://as.example/token', client, {});
  assert.deepEqual([...new URLSearchParams(own.body).keys()], ['client_id', 'client_secret', 'grant_type']);
});

describe('readTokenAnswer', () => {
  it('is tolerant of what servers send: expires_in as digits (P24), no token_type, unknown members (GRANT-1.2-01)', () => {
    assert.deepEqual(readTokenAnswer(answer(200, { access_token: 'a', expires_in: '60', x: 1 }), 'no PAT'), {
      access_token: 'a',
      token_type: 'Bearer',
      expires_in: 60,
      x: 1,
    });
    for (const expires_in of ['', '-1', '1e3', 'never', null, [60]])
      assert.equal(readTokenAnswer(answer(200, { access_token: 'a', expires_in }), 'no PAT').expires_in, undefined);
  });
  it('but not of a missing token', () => {
    for (const body of [{}, { access_token: '' }, { access_token: {} }])
      assert.equal(thrown(() => readTokenAnswer(answer(200, body), 'no PAT'), 'invalid_token_answer').category, 'peer');
  });
  it('a refusal says what there is none of', () => {
    const error = thrown(() => readTokenAnswer(answer(400, { error: 'invalid_grant' }), 'no PAT'), 'invalid_grant');
    assert.match(error.message, /^no PAT: POST https:\/\/as\.example\/token answered 400 invalid_grant$/);
  });
});
