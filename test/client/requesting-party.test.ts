import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../src/client/connection.ts';
import { claimTokenIn, obtainRpt } from '../../src/client/requesting-party.ts';
import type { UmaError } from '../../src/protocol/errors.ts';
import { jwt } from '../wire/recorded.ts';
import { ENDPOINTS, form, ISSUER, script } from './script.ts';

const CLIENT = { id: 'UmaClient', secret: 'password', method: 'client_secret_basic' as const };
const REQUEST = { ticket: 't0', claim_token: 'id', claim_token_format: 'f', scope: ['view', 'print'] };
const GRANTED = { body: { access_token: 'rpt', token_type: 'Bearer' } };
const pending = (ticket: string, interval?: number) => ({
  status: 403,
  body: { error: 'request_submitted', ticket, interval },
});

/** A connection whose clock runs only while somebody sleeps. */
function patient(send: ReturnType<typeof script>['send']) {
  let now = 1000;
  const sleeps: number[] = [];
  const connection = new Connection({ issuer: ISSUER, send, endpoints: ENDPOINTS, now: () => now });
  const sleep = async (seconds: number) => {
    sleeps.push(seconds);
    now += seconds;
  };
  return { connection, sleep, sleeps };
}

test('GRANT-3.3.1-02, GRANT-3.3.6-18: polls with the newest ticket, the same claims and scopes, after the interval', async () => {
  const answers = [pending('t1', 7), pending('t2'), pending('t3', 0), GRANTED];
  const peer = script((_request, at) => answers[at]);
  const { connection, sleep, sleeps } = patient(peer.send);
  const outcome = await obtainRpt(connection, CLIENT, REQUEST, { wait: { limit: 300, sleep } });
  assert.equal(outcome.kind, 'granted');
  assert.deepEqual(sleeps, [7, 5, 1], 'interval, the default, and never a busy loop');
  assert.deepEqual(
    peer.requests.map((request) => form(request).ticket),
    ['t0', 't1', 't2', 't3'],
  );
  for (const request of peer.requests) {
    assert.equal(form(request).claim_token, 'id');
    assert.equal(form(request).scope, 'view print');
  }
});

test('GRANT-5.5-04: a ticket that comes again ends the process', async () => {
  const same = script(() => pending('t0'));
  await assert.rejects(obtainRpt(patient(same.send).connection, CLIENT, REQUEST), { code: 'ticket_repeated' });
  const answers = [pending('t1', 1), pending('t0', 1), GRANTED];
  const older = script((_request, at) => answers[at]);
  const { connection, sleep } = patient(older.send);
  await assert.rejects(obtainRpt(connection, CLIENT, REQUEST, { wait: { limit: 300, sleep } }), {
    code: 'ticket_repeated',
    category: 'peer',
  });
  assert.equal(older.requests.length, 2);
});

test('waiting ends in time: the last pending outcome is the result, with its newest ticket', async () => {
  const peer = script((_request, at) => pending(`t${at + 1}`, 10));
  const { connection, sleep, sleeps } = patient(peer.send);
  const outcome = await obtainRpt(connection, CLIENT, REQUEST, { wait: { limit: 25, sleep } });
  assert.deepEqual(sleeps, [10, 10]);
  assert.equal(outcome.kind === 'request_submitted' && outcome.ticket, 't3');
});

test('without waiting there is one request', async () => {
  const peer = script(() => pending('t1'));
  assert.equal((await obtainRpt(patient(peer.send).connection, CLIENT, REQUEST)).kind, 'request_submitted');
  assert.equal(peer.requests.length, 1);
});

const need = (ticket: string, name = 'email') => ({
  status: 403,
  body: { error: 'need_info', ticket, required_claims: [{ name }] },
});

test('GRANT-3.3.1-05: need_info: what is gathered is pushed with the new ticket, a verifier with that one only; what is asked for again is named', async () => {
  const answers = [need('t1'), pending('t2', 1), need('t3')];
  const peer = script((_request, at) => answers[at]);
  const gathered = [{ claim_token: 'fresh', claim_token_format: 'f', ticket: 'from-the-pages', code_verifier: 'v' }];
  const { connection, sleep } = patient(peer.send);
  const gather = async () => gathered.shift();
  const outcome = await obtainRpt(connection, CLIENT, REQUEST, { gather, wait: { limit: 60, sleep } });
  assert.ok(outcome.kind === 'need_info');
  assert.deepEqual([outcome.ticket, outcome.asked_again], ['t3', ['email']]);
  assert.deepEqual(
    peer.requests.map((request) => [form(request).ticket, form(request).claim_token, form(request).code_verifier]),
    [
      ['t0', 'id', undefined],
      ['from-the-pages', 'fresh', 'v'],
      ['t2', 'fresh', undefined],
    ],
  );
});

test('a server that thinks up a new claim each time is left after some rounds', async () => {
  const peer = script((_request, at) => need(`t${at + 1}`, `claim-${at}`));
  const gather = async () => ({ claim_token: 'more', claim_token_format: 'f' });
  const outcome = await obtainRpt(patient(peer.send).connection, CLIENT, REQUEST, { gather });
  assert.equal(outcome.kind, 'need_info');
  assert.equal(peer.requests.length, 7);
});

/** A server whose refusals leave open what they mean: a request is filed with the first, and `decided` once the list was read twice. */
function vague(decided: 'denied' | 'approved') {
  let lists = 0;
  const refused = (error_description: string) => ({ status: 403, body: { error: 'access_denied', error_description } });
  return script((request) => {
    if (request.url.startsWith(`${ENDPOINTS.resource_owner_endpoint}/permission/ticket`)) {
      lists += 1;
      const entry = { id: 'e', resource: 'r1', requester: 'bob', granted: false, scopeName: 'view' };
      return { body: lists < 3 ? [entry] : decided === 'denied' ? [] : [{ ...entry, granted: true }] };
    }
    if (decided === 'approved' && lists >= 2) return GRANTED;
    return refused(form(request).submit_request === 'false' ? 'not_authorized' : 'request_submitted');
  });
}

const VAGUE = {
  ...REQUEST,
  ticket: jwt({ permissions: [{ rsid: 'r1', scopes: ['view'] }] }),
  claim_token: jwt({ sub: 'bob' }),
};
const looking = (send: ReturnType<typeof script>['send']) => {
  const clock = patient(send);
  const { issuer, now } = clock.connection;
  const connection = new Connection({ issuer, send, endpoints: ENDPOINTS, dialect: 'keycloak', now });
  return { ...clock, connection };
};

test('where the wire is vague, the resource server looks: a denial ends the waiting, and is not asked away', async () => {
  for (const decided of ['denied', 'approved'] as const) {
    const peer = vague(decided);
    const { connection, sleep } = looking(peer.send);
    const look = { source: async () => ({ given: 'pat' }), unsure: () => assert.fail('it could look') };
    const outcome = await obtainRpt(connection, CLIENT, VAGUE, { look, wait: { limit: 300, sleep } });
    assert.equal(outcome.kind, decided === 'denied' ? 'request_denied' : 'granted');
    const asked = peer.requests.filter(({ method }) => method === 'POST').map((request) => form(request));
    assert.deepEqual(
      asked.map(({ submit_request }) => submit_request),
      ['true', 'false', 'false'],
      'filed once',
    );
    assert.ok(asked.every(({ ticket }) => ticket === VAGUE.ticket));
  }
});

test('nobody to look, or not allowed to: the answer stands, and its doubt is told', async () => {
  const peer = vague('denied');
  const told: (string | undefined)[] = [];
  const unsure = (why: UmaError | undefined) => told.push(why?.code);
  const nobody = { source: async () => undefined, unsure };
  const first = await obtainRpt(looking(peer.send).connection, CLIENT, VAGUE, { look: nobody });
  assert.equal(first.kind, 'request_submitted');
  const barred = script((request) =>
    request.method === 'GET'
      ? { status: 403, body: { error: 'invalid_scope' } }
      : { status: 403, body: { error: 'access_denied', error_description: 'not_authorized' } },
  );
  const look = { source: async () => ({ given: 'pat' }), unsure };
  const second = await obtainRpt(looking(barred.send).connection, CLIENT, VAGUE, { look });
  assert.equal(second.kind, 'request_denied');
  assert.deepEqual(told, [undefined, 'pat_lacks_role']);
});

test('an answer without an ID token is no claim token', () => {
  assert.throws(() => claimTokenIn({ access_token: 'a', token_type: 'Bearer' }), { code: 'no_id_token' });
});
