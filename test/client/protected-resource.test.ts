import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type FetchOptions, fetchProtected, mayReceive } from '../../src/client/protected-resource.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import type { Granted, Outcome } from '../../src/protocol/outcome.ts';
import type { ResourceAnswer, ResourceRequest } from '../../src/protocol/resource-request.ts';

const challenge = (ticket: string) => ({
  status: 401,
  headers: { 'www-authenticate': `UMA as_uri="https://as.example", ticket="${ticket}"` },
});
const ok = { status: 200, headers: {} };
const granted = (rpt: string): Granted => ({
  kind: 'granted',
  rpt,
  upgraded: false,
  answer: { access_token: rpt, token_type: 'Bearer' },
  wire: {},
});

/** A resource server that answers in turn, an AS that does, and what was sent to each. */
async function play(
  answers: Pick<ResourceAnswer, 'status' | 'headers'>[],
  outcomes: (Outcome | UmaError)[],
  kept?: string,
  trust: FetchOptions['checkTrust'] = () => {},
  listed: readonly string[] = ['https://rs.example'],
) {
  const asked: ResourceRequest[] = [];
  const redeemed: { ticket: string; rpt: string | undefined; resource: string }[] = [];
  const rpts = { held: kept };
  const fetched = await fetchProtected({
    request: { method: 'GET', url: 'https://rs.example/photo?x=1', headers: { accept: '*/*' } },
    async ask(request) {
      asked.push(request);
      const next = answers.shift();
      assert.ok(next, 'one request too many');
      return { ...next, body: (async function* () {})(), discard() {} };
    },
    rpts: {
      get: async () => rpts.held,
      put: async ({ rpt }) => {
        rpts.held = rpt;
      },
      forget: async () => {
        rpts.held = undefined;
      },
    },
    checkTrust: trust,
    async checkResourceServer(pair) {
      if (!mayReceive(pair, listed)) throw new UmaError('config', 'untrusted_rs', 'no');
    },
    async redeem(request) {
      redeemed.push(request);
      const next = outcomes.shift();
      assert.ok(next, 'one token request too many');
      if (next instanceof UmaError) throw next;
      return next;
    },
  });
  return { fetched, asked, redeemed, held: rpts.held };
}

it('GRANT-3.1-01 GRANT-3.4-01 SEC-9700-23 ATK-02: first without a token, then as Authorization: Bearer and nowhere else; the ticket is redeemed for the origin', async () => {
  const { asked, redeemed, held } = await play([challenge('t1'), ok], [granted('rpt-1')]);
  assert.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    [undefined, 'Bearer rpt-1'],
  );
  assert.ok(asked.every(({ url }) => url === 'https://rs.example/photo?x=1'));
  assert.deepEqual(redeemed, [{ ticket: 't1', rpt: undefined, resource: 'https://rs.example' }]);
  assert.equal(held, 'rpt-1');
});

it('GRANT-3.5-03 GRANT-3.3.1-10 GRANT-3.3.5.1-05: an RPT that is not enough is sent for an upgrade with the new ticket, and gives way to the new one', async () => {
  const { asked, redeemed, held } = await play([challenge('t1'), ok], [granted('rpt-2')], 'rpt-1');
  assert.deepEqual(redeemed, [{ ticket: 't1', rpt: 'rpt-1', resource: 'https://rs.example' }]);
  assert.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    ['Bearer rpt-1', 'Bearer rpt-2'],
  );
  assert.equal(held, 'rpt-2');
});

it('GRANT-3.3.5.1-06: without an upgrade the old RPT is kept', async () => {
  const pending: Outcome = { kind: 'request_submitted', ticket: 't2', wire: {} };
  const { fetched, held } = await play([challenge('t1')], [pending], 'rpt-1');
  assert.deepEqual([fetched.kind, held], ['outcome', 'rpt-1']);
});

it('an AS that does not take the old RPT is asked without it, with a new ticket', async () => {
  const refused = new UmaError('refused', 'invalid_rpt', 'no');
  const { redeemed, held } = await play([challenge('t1'), challenge('t2'), ok], [refused, granted('rpt-2')], 'rpt-1');
  assert.deepEqual(
    redeemed.map(({ ticket, rpt }) => [ticket, rpt]),
    [
      ['t1', 'rpt-1'],
      ['t2', undefined],
    ],
  );
  assert.equal(held, 'rpt-2');
});

it('ATK-23: an AS that is not trusted gets nothing', async () => {
  const refuse = () => {
    throw new UmaError('config', 'untrusted_as', 'no');
  };
  await assert.rejects(play([challenge('t1')], [], undefined, refuse), { code: 'untrusted_as' });
});

it('GRANT-3.5-03: three RPTs that open nothing are enough', async () => {
  const answers = Array.from({ length: 4 }, (_, n) => challenge(`t${n}`));
  await assert.rejects(play(answers, ['a', 'b', 'c'].map(granted)), { code: 'no_progress' });
});

it('ATK-01: an RPT goes to an origin that the AS confirms or the caller names, or is bound to a key; else it is neither sent nor kept', async () => {
  const other = ['https://other.example'];
  await assert.rejects(play([challenge('t1')], [granted('rpt-1')], undefined, undefined, other), {
    code: 'untrusted_rs',
  });
  const confirmed = { ...granted('rpt-1'), wire: { resource: 'https://rs.example' } };
  assert.equal((await play([challenge('t1'), ok], [confirmed], undefined, undefined, other)).held, 'rpt-1');
  const bound = { ...granted('rpt-1'), answer: { access_token: 'rpt-1', token_type: 'DPoP' } };
  assert.equal((await play([challenge('t1'), ok], [bound], undefined, undefined, other)).held, 'rpt-1');
  const pair = { origin: 'http://127.0.0.1:8080', confirmed: false, granted: granted('x') };
  assert.equal(mayReceive(pair), true, 'on this machine');
});

it('ATK-02: an RPT that the AS says is for another resource server is not sent', async () => {
  for (const resource of ['https://rs2.example', ['https://rs2.example', 'x'], 7]) {
    const wrong = { ...granted('rpt-1'), wire: { resource } };
    await assert.rejects(play([challenge('t1')], [wrong]), { code: 'wrong_resource_server' });
  }
});
