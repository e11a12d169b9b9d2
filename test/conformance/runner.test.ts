import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Check } from '../../src/conformance/check.ts';
import { readConfig } from '../../src/conformance/config.ts';
import { REPORTS } from '../../src/conformance/report/registry.ts';
import { summaryOf } from '../../src/conformance/report/summary.ts';
import { type Report, type RowStatus, runChecks } from '../../src/conformance/runner.ts';

let server: Server;
let issuer = '';

before(async () => {
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(
        request.url === '/.well-known/uma2-configuration'
          ? {
              issuer,
              token_endpoint: `${issuer}/t`,
              permission_endpoint: `${issuer}/p`,
              resource_registration_endpoint: `${issuer}/r`,
            }
          : { said: '<b>"&\u0007', access_token: 'a-token-that-must-not-be-shown' },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
});

const check = (requirements: string[], title: string, run: Check['run'], more: Partial<Check> = {}): Check => ({
  requirements,
  title,
  profile: 'core',
  sends: 'A request.',
  expects: 'An answer.',
  run,
  ...more,
});

function reportOf(checks: Check[], known_gaps: Record<string, string> = {}): Promise<Report> {
  const config = readConfig(
    {
      issuer,
      resource_servers: [{ client_id: 'rs', client_secret: 's' }],
      clients: { main: { client_id: 'c', client_secret: 's' } },
      owners: [{ username: 'alice', password: 'p' }],
      parties: [{ username: 'bob', password: 'p' }],
      known_gaps,
    },
    { environment: {}, readFile: () => '' },
  );
  return runChecks(config, checks, { profiles: ['core'] });
}

const rowOf = (report: Report, id: string) => report.rows.find(({ requirement }) => requirement === id);
const failing = check(['GRANT-2-01'], 'fails', async (t) => {
  await t.get(`${issuer}/x`);
  t.expect('GRANT-2-01', false, 'it is <wrong>');
});

test('a failed statement keeps its words and both sides of the exchange, secrets masked', async () => {
  const row = rowOf(await reportOf([failing]), 'GRANT-2-01');
  assert.equal(row?.status, 'fail');
  assert.equal(row.detail, 'it is <wrong>');
  const [exchange] = row.findings[0]?.evidence ?? [];
  assert.equal(exchange?.request.url, `${issuer}/x`);
  assert.ok(exchange.response.body.includes('access_token'));
  assert.ok(!exchange.response.body.includes('must-not-be-shown'));
});

const CASES: readonly (readonly [
  what: string,
  checks: Check[],
  gaps: Record<string, string>,
  status: RowStatus,
  detail: RegExp,
])[] = [
  [
    'a requirement that no statement was made about fails',
    [check(['GRANT-2-01'], 'silent', async () => {})],
    {},
    'fail',
    /without a word/,
  ],
  [
    'a check that throws fails',
    [
      check(['GRANT-2-01'], 'throws', async () => {
        throw new Error('boom');
      }),
    ],
    {},
    'fail',
    /the check itself failed: Error: boom/,
  ],
  [
    'a precondition that does not hold blocks what is open',
    [
      check(['GRANT-2-01'], 'stuck', async (t) => {
        (t.require as (holds: boolean, otherwise: string) => void)(false, 'no PAT');
      }),
    ],
    {},
    'blocked',
    /no PAT/,
  ],
  [
    'one failure outweighs the passes',
    [check(['GRANT-2-01'], 'good', async (t) => t.expect('GRANT-2-01', true, '')), failing],
    {},
    'fail',
    /wrong/,
  ],
  [
    'a known gap is an expected failure',
    [failing],
    { 'GRANT-2-01': 'on the list' },
    'expected_failure',
    /on the list \(it is <wrong>\)/,
  ],
  [
    'a known gap that passes is reported',
    [check(['GRANT-2-01'], 'good', async (t) => t.expect('GRANT-2-01', true, ''))],
    { 'GRANT-2-01': 'on the list' },
    'fail',
    /take it off the list/,
  ],
  [
    'an unmet need is "not applicable" with its reason',
    [check(['GRANT-2-01'], 'needs', async () => {}, { needs: [() => 'not offered'] })],
    {},
    'not_applicable',
    /not offered/,
  ],
  [
    'a check of another profile is not run',
    [check(['GRANT-2-01'], 'other', async () => {}, { profile: 'security' })],
    {},
    'not_run',
    /^$/,
  ],
];

for (const [what, checks, gaps, status, detail] of CASES) {
  test(what, async () => {
    const row = rowOf(await reportOf(checks, gaps), 'GRANT-2-01');
    assert.equal(row?.status, status);
    assert.match(row.detail ?? '', detail);
  });
}

test('a check cannot speak of a requirement that it does not declare', async () => {
  const stray = check(['GRANT-2-01'], 'stray', async (t) => t.expect('GRANT-2-02', true, ''));
  assert.match(
    rowOf(await reportOf([stray]), 'GRANT-2-01')?.detail ?? '',
    /states GRANT-2-02, which it does not declare/,
  );
});

test('only a failed MUST makes the run a failure', async () => {
  const weak = check(['GRANT-3.3.5-10', 'GRANT-3.3.5-01'], 'weak', async (t) =>
    t.expect(['GRANT-3.3.5-10', 'GRANT-3.3.5-01'], false, 'no'),
  );
  const summary = summaryOf(await reportOf([weak]));
  assert.equal(summary.ok, true);
  assert.equal(summary.totals.SHOULD.fail, 1);
  assert.equal(summary.totals['MUST*'].fail, 1);
  assert.equal(summaryOf(await reportOf([failing])).ok, false);
});

test('the three reports hold the failure, its evidence and no secret', async () => {
  const report = await reportOf([failing]);
  const json = JSON.parse(REPORTS.json(report)) as { rows: { requirement: string; findings: unknown[] }[] };
  assert.equal(json.rows.find(({ requirement }) => requirement === 'GRANT-2-01')?.findings.length, 1);
  const junit = REPORTS.junit(report);
  assert.match(junit, /<testsuite name="MUST of http:[^"]*" tests="87" failures="1" skipped="86">/);
  assert.match(
    junit,
    /<failure type="MUST" message="it is &lt;wrong&gt;">fails: it is &lt;wrong&gt;\nsends: A request.\nexpects: An answer.\n&gt; GET /,
  );
  const html = REPORTS.html(report);
  assert.match(html, /<h3 id="GRANT-2-01">/);
  assert.match(html, /&lt;b&gt;/);
  assert.ok(
    !/<script|<link|src=|https?:\/\/(?!127)/.test(html.replace(/<(p|td|pre|small|code)>[^<]*/g, '')),
    'the page needs nothing else',
  );
  for (const text of [REPORTS.json(report), junit, html]) {
    assert.ok(!text.includes('must-not-be-shown'));
    assert.ok(!text.includes('\u0007'));
  }
});

test('a server that describes another issuer is not tested', async () => {
  const config = {
    issuer: `${issuer}/tenant`,
    resource_servers: [],
    clients: { main: { client_id: 'c' } },
    owners: [],
    parties: [],
  };
  const read = readConfig(config, { environment: {}, readFile: () => '' });
  await assert.rejects(runChecks(read, [failing], { profiles: ['core'] }), {
    name: 'Unreached',
    message: /no token_endpoint|is about/,
  });
});
