import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClientCredentials } from '../../src/protocol/http.ts';
import { buildTicketGrant, readOutcome, type TicketGrantRequest } from '../../src/protocol/outcome.ts';
import { answer, thrown } from './exchange.ts';

const client: ClientCredentials = { id: 'app', secret: 's', method: 'client_secret_basic' };
const form = (request: TicketGrantRequest, as: ClientCredentials = client) =>
  new URLSearchParams(buildTicketGrant('https://as.example/token', as, request).body);
const read = (status: number, body: unknown, headers?: Record<string, string>) =>
  readOutcome(answer(status, body, headers), { ticket: 'sent' });

describe('buildTicketGrant', () => {
  it('GRANT-3.3.1-01: the grant type is exactly the URN', () => {
    assert.equal(form({ ticket: 't' }).get('grant_type'), 'urn:ietf:params:oauth:grant-type:uma-ticket');
  });
  it('GRANT-3.3.1-02: the ticket is always there, form-encoded', () => {
    assert.deepEqual(
      [...form({ ticket: 'a+b&c=d %' })],
      [
        ['grant_type', 'urn:ietf:params:oauth:grant-type:uma-ticket'],
        ['ticket', 'a+b&c=d %'],
      ],
    );
    const { method, headers } = buildTicketGrant('https://as.example/token', client, { ticket: 't' });
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  });
  it('GRANT-3.3.1-03: claim_token and claim_token_format go together or not at all', () => {
    const both = form({ ticket: 't', claim_token: 'c', claim_token_format: 'f' });
    assert.deepEqual([both.get('claim_token'), both.get('claim_token_format')], ['c', 'f']);
    for (const half of [{ claim_token: 'c' }, { claim_token_format: 'f' }]) {
      const error = thrown(() => form({ ticket: 't', ...half }), 'claim_token_incomplete');
      assert.equal(error.category, 'usage');
    }
  });
  it('GRANT-3.3.1-12: scope is one string with single spaces, left out when empty', () => {
    assert.deepEqual(form({ ticket: 't', scope: ['view', 'http://x/y'] }).getAll('scope'), ['view http://x/y']);
    assert.equal(form({ ticket: 't', scope: [] }).has('scope'), false);
  });
  it('pct, rpt and resource go as given; absent members are not sent', () => {
    const sent = form({ ticket: 't', pct: 'p', rpt: 'r', resource: 'https://rs.example', claim_token: undefined });
    assert.deepEqual([...sent.keys()], ['grant_type', 'ticket', 'pct', 'rpt', 'resource']);
  });
  it('the client authenticates by header, by form, or says only its id', () => {
    assert.match(
      buildTicketGrant('https://as.example/token', client, { ticket: 't' }).headers.authorization ?? '',
      /^Basic /,
    );
    assert.equal(form({ ticket: 't' }).has('client_id'), false);
    const posted = form({ ticket: 't' }, { ...client, method: 'client_secret_post' });
    assert.deepEqual([posted.get('client_id'), posted.get('client_secret')], ['app', 's']);
    const named = form({ ticket: 't' }, { id: 'app', method: 'none' });
    assert.deepEqual([named.get('client_id'), named.get('client_secret')], ['app', null]);
  });
});

describe('granted', () => {
  it('is the RPT with what came along (GRANT-3.3.5-01, -03, -04)', () => {
    const wire = { access_token: 'rpt', token_type: 'Bearer', pct: 'p', upgraded: true, expires_in: 60, x_new: 1 };
    const outcome = read(200, wire);
    assert.ok(outcome.kind === 'granted');
    assert.deepEqual([outcome.rpt, outcome.pct, outcome.upgraded, outcome.answer.expires_in], ['rpt', 'p', true, 60]);
    assert.deepEqual(outcome.wire, wire);
  });
  it('GRANT-3.3.5-09: only the boolean true is an upgrade', () => {
    for (const upgraded of [undefined, false, 'true', 1, null]) {
      const outcome = read(200, { access_token: 'rpt', token_type: 'Bearer', upgraded });
      assert.ok(outcome.kind === 'granted');
      assert.equal(outcome.upgraded, false);
    }
  });
  it('P24: expires_in as digits is read as the number, the answer as sent is kept', () => {
    const outcome = read(200, { access_token: 'rpt', token_type: 'Bearer', expires_in: '3600' });
    assert.ok(outcome.kind === 'granted');
    assert.equal(outcome.answer.expires_in, 3600);
    assert.equal(outcome.wire.expires_in, '3600');
  });
  it('members of a wrong type are left out, token_type is Bearer when it is missing', () => {
    const outcome = read(200, { access_token: 'rpt', expires_in: 'soon', refresh_token: 1, pct: 2, scope: ['a'] });
    assert.ok(outcome.kind === 'granted');
    assert.deepEqual(outcome.answer, { access_token: 'rpt', token_type: 'Bearer', pct: 2 });
    assert.equal(outcome.pct, undefined);
  });
  it('without an access_token it breaks the protocol', () => {
    for (const body of [{}, { access_token: '' }, { access_token: 1 }, { rpt: 'r' }])
      assert.equal(thrown(() => read(200, body), 'invalid_token_answer').category, 'peer');
  });
});

for (const status of [403, 400]) {
  describe(`outcomes that come with ${status}`, () => {
    it('need_info by claims (GRANT-3.3.6-05, -10), unknown members ignored (GRANT-1.2-01)', () => {
      const wire = {
        error: 'need_info',
        ticket: 'new',
        required_claims: [{ name: 'email', claim_token_format: ['f1', 'f2'], issuer: ['https://idp'], x: 1 }],
        x_vendor: true,
      };
      assert.deepEqual(read(status, wire), {
        kind: 'need_info',
        ticket: 'new',
        required_claims: [{ name: 'email', claim_token_format: ['f1', 'f2'], issuer: ['https://idp'] }],
        wire,
      });
    });
    it('need_info by redirect (GRANT-3.3.6-12)', () => {
      const wire = { error: 'need_info', ticket: 'new', redirect_user: 'https://as.example/claims?id=1' };
      assert.deepEqual(read(status, wire), {
        kind: 'need_info',
        ticket: 'new',
        required_claims: [],
        redirect_user: 'https://as.example/claims?id=1',
        wire,
      });
    });
    it('request_submitted, with and without interval (GRANT-3.3.6-16, -17)', () => {
      const wire = { error: 'request_submitted', ticket: 'new', interval: 5 };
      assert.deepEqual(read(status, wire), { kind: 'request_submitted', ticket: 'new', interval: 5, wire });
      const bare = { error: 'request_submitted', ticket: 'new', interval: 'soon' };
      assert.deepEqual(read(status, bare), { kind: 'request_submitted', ticket: 'new', wire: bare });
    });
    it('request_denied needs no ticket (GRANT-3.3.6-14)', () => {
      const wire = { error: 'request_denied' };
      assert.deepEqual(read(status, wire), { kind: 'request_denied', wire });
    });
  });
}

describe('answers that break the protocol', () => {
  for (const error of ['need_info', 'request_submitted']) {
    it(`${error} without a new ticket (GRANT-3.3.6-06, GRANT-3.3.6-16)`, () => {
      for (const ticket of [undefined, '', 1, ['new']]) {
        const caught = thrown(
          () => read(403, { error, ticket, redirect_user: 'https://as.example/c' }),
          'ticket_missing',
        );
        assert.equal(caught.category, 'peer');
        assert.equal(caught.spec, 'UMA Grant 3.3.6');
      }
    });
    it(`GRANT-5.5-04: ${error} with the ticket that was sent`, () => {
      const caught = thrown(
        () => read(403, { error, ticket: 'sent', redirect_user: 'https://as.example/c' }),
        'ticket_repeated',
      );
      assert.equal(caught.category, 'peer');
      assert.ok(!caught.message.includes('"sent"'), 'a ticket is not written into a message');
    });
  }
  it('need_info without either member (GRANT-3.3.6-07)', () => {
    for (const rest of [{}, { required_claims: [] }, { required_claims: 'email' }, { redirect_user: 1 }])
      assert.equal(
        thrown(() => read(403, { error: 'need_info', ticket: 'new', ...rest }), 'need_info_empty').category,
        'peer',
      );
  });
  it('no JSON where there must be', () => {
    for (const [status, body] of [
      [200, '<html>'],
      [200, '"rpt"'],
      [200, 'null'],
      [400, ''],
      [403, '<h1>Forbidden</h1>'],
      [403, '["need_info"]'],
    ] as const) {
      const error = thrown(() => read(status, body), 'not_json');
      assert.equal(error.category, 'peer');
      assert.ok(!error.message.includes('s3cret'), 'the query stays out of messages');
    }
  });
  it('an outcome under a status that does not carry it is no outcome', () => {
    for (const [status, category] of [
      [500, 'peer'],
      [401, 'authentication'],
      [404, 'refused'],
    ] as const)
      assert.equal(thrown(() => read(status, { error: 'request_denied' }), 'request_denied').category, category);
  });
});

describe('refusals', () => {
  it('invalid_grant says how to get a new ticket (GRANT-3.3.6-02)', () => {
    const error = thrown(
      () => read(400, { error: 'invalid_grant', error_description: 'The provided access grant is invalid.' }),
      'invalid_grant',
    );
    assert.equal(error.category, 'refused');
    assert.match(error.hint ?? '', /new one from the resource server/);
    assert.equal(error.spec, 'UMA Grant 3.3.6');
    assert.equal(error.status, 400);
    assert.match(error.message, /400 invalid_grant: The provided access grant is invalid\./);
  });
  for (const [status, code, category, hint] of [
    [400, 'invalid_scope', 'refused', /scopes that a resource of the ticket offers/],
    [401, 'invalid_client', 'authentication', /id and secret/],
    [400, 'invalid_client', 'authentication', /id and secret/],
    [400, 'unauthorized_client', 'authentication', /uma-ticket grant/],
    [400, 'unsupported_grant_type', 'refused', /does not offer/],
    [400, 'some_other', 'refused', undefined],
  ] as const) {
    it(`${status} ${code}`, () => {
      const error = thrown(() => read(status, { error: code }), code);
      assert.equal(error.category, category);
      if (hint === undefined) assert.equal(error.hint, undefined);
      else assert.match(error.hint ?? '', hint);
    });
  }
  it('the evidence stays with the error and out of its JSON', () => {
    const error = thrown(() => read(400, { error: 'invalid_grant', secret: 's3cret' }), 'invalid_grant');
    assert.equal(error.exchange?.response.status, 400);
    assert.ok(!JSON.stringify(error).includes('s3cret'));
  });
});
