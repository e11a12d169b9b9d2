/** What the gateway makes of an AS that is away, wrong or hostile: the real one's answers, changed on the way. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenges } from '../../src/protocol/challenge.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import type { HttpResponse, Send } from '../../src/protocol/http.ts';
import { bearer, type Gate, ROUTES, startGate } from './harness.ts';

/** Changes JSON answers of one endpoint. */
const changing =
  (endpoint: string, change: (body: Record<string, unknown>) => Record<string, unknown>) =>
  (send: Send): Send =>
  async (request) => {
    const response = await send(request);
    if (!request.url.endsWith(endpoint) || response.status >= 300) return response;
    return { ...response, body: JSON.stringify(change(JSON.parse(response.body) as Record<string, unknown>)) };
  };

const isUnreachable = (response: Response): void => {
  assert.equal(response.status, 403);
  assert.equal(response.headers.get('warning'), '199 - "UMA Authorization Server Unreachable"');
  assert.equal(response.headers.get('www-authenticate'), null);
};

describe('no ticket to be had', () => {
  const now = { broken: undefined as undefined | ((url: string) => HttpResponse | undefined) };
  const wrap =
    (send: Send): Send =>
    async (request) => {
      const answer = now.broken?.(request.url);
      return answer ?? send(request);
    };
  const down = (): HttpResponse => {
    throw new UmaError('network', 'connection_refused', 'nobody listens');
  };

  it('GRANT-3.2.2-01 GRANT-3.2.2-02: AS down, PAT dead, permission refused: 403 with the warning, no bytes of the resource', async () => {
    await using gate = await startGate({ wrap });
    const rpt = await gate.rpt('/photos/a.png');
    const refused = (status: number, error: string): HttpResponse => ({
      status,
      headers: {},
      body: JSON.stringify({ error }),
    });
    for (const broken of [
      down,
      () => refused(401, 'invalid_token'),
      () => refused(403, 'insufficient_scope'),
      () => refused(500, 'server_error'),
      () => ({ status: 201, headers: {}, body: '<html>' }),
    ]) {
      now.broken = broken;
      isUnreachable(await gate.fetch('/photos/a.png'));
      isUnreachable(await gate.fetch('/photos/a.png', { headers: bearer(rpt) }));
    }
    now.broken = undefined;
    assert.deepEqual(gate.upstream.seen, []);
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
  });

  it('an owner who has not connected: the same, and no call', async () => {
    await using gate = await startGate();
    gate.newCalls();
    isUnreachable(await gate.fetch('/users/mallory/album/1'));
    assert.deepEqual(gate.newCalls(), []);
  });
});

it('ATK-24: quotes in a ticket are escaped, line breaks are never written', async () => {
  const state = { ticket: 'a"b\\c' };
  await using gate = await startGate({ wrap: changing('/permission', () => state) });
  const value = (await gate.fetch('/photos/a.png')).headers.get('www-authenticate') ?? '';
  assert.equal(parseChallenges(value)[0]?.params.ticket, 'a"b\\c');
  state.ticket = 'x\r\nSet-Cookie: a=b';
  const response = await gate.fetch('/photos/a.png');
  isUnreachable(response);
  assert.equal(response.headers.get('set-cookie'), null);
});

it('ATK-27: tickets are limited for each source; above it 429, no call and nothing for a random token; a good RPT still passes', async () => {
  await using gate = await startGate({ routes: { ...ROUTES, limits: { tickets_per_minute: 10 } } });
  const rpt = await gate.rpt('/photos/a.png');
  assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
  gate.newCalls();
  const statuses = new Map<number, number>();
  for (let n = 0; n < 60; n += 1) {
    const response = await gate.fetch('/photos/a.png', n % 2 === 0 ? {} : { headers: bearer(`random${n}`) });
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status === 429) assert.ok(Number(response.headers.get('retry-after')) > 0);
  }
  assert.deepEqual([statuses.get(401), statuses.get(429)], [9, 51]);
  assert.ok(gate.newCalls().length <= 9 + 5);
  assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
});

/** A gate where Bob's RPT is what `change` makes of it. */
async function changed(change: (body: Record<string, unknown>) => Record<string, unknown>): Promise<Gate> {
  return startGate({ wrap: changing('/introspect', change), routes: { ...ROUTES, cache: { read: 0 } } });
}
const passes = async (gate: Gate): Promise<boolean> => {
  const rpt = await gate.rpt('/photos/a.png');
  const { status } = await gate.fetch('/photos/a.png', { headers: bearer(rpt) });
  assert.ok(status === 200 || status === 401, String(status));
  return status === 200;
};
const permissionsOf = (body: Record<string, unknown>, more: object) =>
  (body.permissions as object[]).map((permission) => ({ ...permission, ...more }));

describe('introspection answers (FED-5.1.1-07 FED-5.1.1-08 FED-5.1.1-09 FED-5.1.1-10 SEC-9700-15 SEC-9449-04 SEC-8705-01)', () => {
  const soon = () => Math.floor(Date.now() / 1000);
  const cases: [string, boolean, (body: Record<string, unknown>) => Record<string, unknown>][] = [
    ['unchanged', true, (body) => body],
    [
      'FED-5.1.1-07 the end of the token wins over a later one of the permission',
      false,
      (body) => ({ ...body, exp: soon() - 1, permissions: permissionsOf(body, { exp: soon() + 99 }) }),
    ],
    ['FED-5.1.1-09 a token that does not hold yet', false, (body) => ({ ...body, nbf: soon() + 60 })],
    [
      'FED-5.1.1-10 a permission that has ended in an active token',
      false,
      (body) => ({ ...body, permissions: permissionsOf(body, { exp: soon() - 1 }) }),
    ],
    [
      'FED-5.1.1-10 a permission that does not hold yet',
      false,
      (body) => ({ ...body, permissions: permissionsOf(body, { nbf: soon() + 60 }) }),
    ],
    [
      'FED-5.1.1-08 times of issue decide nothing',
      true,
      (body) => ({ ...body, iat: soon(), permissions: permissionsOf(body, { iat: soon() - 99 }) }),
    ],
    ['SEC-9700-15 an RPT for another resource server', false, (body) => ({ ...body, aud: 'other-rs' })],
    ['an RPT of another issuer', false, (body) => ({ ...body, iss: 'https://other.example' })],
    ['SEC-9449-04 SEC-8705-01 a bound RPT as Bearer', false, (body) => ({ ...body, cnf: { jkt: 'x' } })],
    ['no permissions', false, ({ permissions: _gone, ...body }) => body],
    ['inactive, with permissions', false, (body) => ({ ...body, active: false })],
  ];
  for (const [what, expected, change] of cases) {
    it(`${what}: ${expected ? 'passes' : 'refused with a fresh ticket'}`, async () => {
      await using gate = await changed(change);
      assert.equal(await passes(gate), expected);
    });
  }

  it('FED-5-01: a kept answer never outlives the RPT', async () => {
    await using gate = await startGate({
      wrap: changing('/introspect', (body) => ({ ...body, exp: Date.now() / 1000 + 0.3 })),
      routes: { ...ROUTES, cache: { read: 60 } },
    });
    const rpt = await gate.rpt('/photos/a.png');
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
    gate.newCalls();
    const until = Date.now() + 350;
    while (Date.now() < until) await gate.fetch('/open/x');
    await gate.fetch('/photos/a.png', { headers: bearer(rpt) });
    assert.deepEqual(gate.newCalls(), ['/introspect']);
  });
});
