/** Each wrong turn of the walkthrough, typed: the exit code and the words that an operator gets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStage, type Served, type Stage } from './processes.ts';

describe('wrong turns on the command line', () => {
  let stage: Stage;
  let server: Served;
  const sh = (script: string, env: Record<string, string> = {}) =>
    stage.shell(script, { UMA_ISSUER: server.issuer, ...env });

  before(async () => {
    stage = openStage();
    server = await stage.serve();
    const made = await sh('uma register --name Photo --scope view && uma policy add --resource Photo --party bob');
    assert.equal(made.code, 0, made.err);
  });
  after(() => stage.close());

  test('a ticket past its life: invalid_grant in the words of the walkthrough, and the reason (GRANT-3.3.6-02)', async () => {
    const { issuer } = await stage.serve('--ticket-ttl', '1s');
    const made = await sh('uma register --name Photo --scope view && uma policy add --resource Photo --party bob', {
      UMA_ISSUER: issuer,
    });
    assert.equal(made.code, 0, made.err);
    const ticket = (
      await sh('uma ticket --resource Photo --scope view --field ticket', { UMA_ISSUER: issuer })
    ).out.trim();
    const end = Date.now() + 1000;
    while (Date.now() <= end) await sleep(end - Date.now() + 1);
    const { code, out, err } = await sh('uma rpt --party bob', { UMA_ISSUER: issuer, UMA_TICKET: ticket });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /400 invalid_grant: The provided access grant is invalid, expired, or revoked\./);
    assert.match(err, /used before, has expired/);
    assert.match(err, /^Try: uma ticket/m);
    assert.ok(!err.includes(ticket));
  });

  test('a resource that nobody knows: which one, whose PAT, and what that sees', async () => {
    const { code, out, err } = await sh('uma ticket --resource nope --scope view');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /no resource "nope" for alice's PAT \(client UMA-Resource-Server\)/);
    assert.match(err, /it sees \S+ "Photo"/);
  });

  test('a scope that the resource lacks: which, and which it has (FED-4.3-01)', async () => {
    const { code, out, err } = await sh('uma ticket --resource Photo --scope print');
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /invalid_scope: the resource \S+ does not offer print; it has view/);
  });

  test('a wrong PAT: exit 4, the PAT not in the text', async () => {
    const { code, out, err } = await sh(
      'echo 057ad16f-7dba-4049 | uma ticket --resource Photo --scope view --pat-file -',
    );
    assert.deepEqual([code, out], [4, '']);
    assert.match(err, /401 invalid_token/);
    assert.ok(!err.includes('057ad16f'));
  });

  test('a wrong client secret: exit 4, and what to check', async () => {
    const { code, out, err } = await sh('uma ticket --resource Photo --scope view | uma rpt --party bob', {
      UMA_CLIENT_SECRET: 'wrong-secret',
    });
    assert.deepEqual([code, out], [4, '']);
    assert.match(err, /401 invalid_client/);
    assert.match(err, /^Try: check the client's id and secret/m);
    assert.ok(!err.includes('wrong-secret'));
  });

  test('a client that may not ask for RPTs: exit 4', async () => {
    const { code, err } = await sh('uma ticket --resource Photo --scope view | uma rpt --party bob', {
      UMA_CLIENT_ID: 'UMA-Resource-Server',
      UMA_CLIENT_SECRET: 'password',
    });
    assert.equal(code, 4, err);
    assert.match(err, /unauthorized_client/);
  });

  test('a wrong password: exit 4, and whose', async () => {
    const { code, err } = await sh('uma pat --owner alice', { UMA_OWNER_PASSWORD: 'guess' });
    assert.equal(code, 4);
    assert.match(err, /alice/);
    assert.ok(!err.includes('guess'));
  });

  test('a claim token of another client: need_info, exit 6 (ATK-19)', async () => {
    const { code, json } = await sh(
      'uma claims --party bob --client UMA-Resource-Server > other.json && uma ticket --resource Photo --scope view | uma rpt --claim-token-file other.json',
      { UMA_CLIENT_SECRET: 'password' },
    );
    assert.equal(code, 6);
    assert.equal(json().error, 'need_info');
  });

  test('no ticket at all: exit 2 and how to get one', async () => {
    const { code, err } = await sh('uma rpt --party bob </dev/null');
    assert.equal(code, 2);
    assert.match(err, /^Try: uma ticket .*\| uma rpt/m);
  });

  test('an id that begins with a dash: the way out is named, and works', async () => {
    const { code, err } = await sh('uma request show -7f2c');
    assert.equal(code, 2);
    assert.match(err, /^Try: .*after --/m);
    assert.match((await sh('uma request show -- -7f2c')).err, /404 not_found/);
  });

  test('a ticket used twice: the second time is exit 2', async () => {
    const { code, out, err } = await sh(
      'T=$(uma ticket --resource Photo --scope view); echo "$T" | uma rpt --field token_type && echo "$T" | uma rpt',
    );
    assert.deepEqual([code, out], [2, 'Bearer\n'], err);
    assert.match(err, /invalid_grant/);
  });
});

describe('the peer is not trusted to choose where secrets go (decision 11)', () => {
  let stage: Stage;
  let server: Served;
  let other: string;
  let requests = 0;
  const http = createServer((_, response) => {
    requests += 1;
    response.end('{}');
  });

  before(async () => {
    stage = openStage();
    server = await stage.serve();
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    other = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  after(async () => {
    await stage.close();
    http.close();
  });

  for (const [what, input] of [
    ['a challenge', (as: string) => `WWW-Authenticate: UMA realm="x", as_uri="${as}", ticket="abc"`],
    [
      'a whole response',
      (as: string) => `HTTP/1.1 401 Unauthorized\nWWW-Authenticate: UMA as_uri="${as}", ticket="abc"\n`,
    ],
    ['an object', (as: string) => JSON.stringify({ ticket: 'abc', as_uri: as })],
  ] as const) {
    test(`${what} of another server on standard input: exit 3, both named, nothing sent`, async () => {
      const { code, out, err } = await stage.shell('printf "%s\\n" "$INPUT" | uma rpt --party bob', {
        UMA_ISSUER: server.issuer,
        INPUT: input(other),
      });
      assert.deepEqual([code, out], [3, '']);
      assert.ok(err.includes(other) && err.includes(server.issuer) && err.includes('--trust-as'), err);
      assert.equal(requests, 0);
    });
  }

  test('the same with an as_uri that only begins like the issuer', async () => {
    const { code } = await stage.shell('printf "%s\\n" "$INPUT" | uma rpt --party bob', {
      UMA_ISSUER: server.issuer,
      INPUT: JSON.stringify({ ticket: 'abc', as_uri: `${server.issuer}@127.0.0.1:${new URL(other).port}` }),
    });
    assert.equal(code, 3);
    assert.equal(requests, 0);
  });
});
