// `uma conformance` on a real Keycloak runs through, and finds what docs/servers-compared.md says, each confirmed by its exchange.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PROFILES } from '../../../src/conformance/check.ts';
import { CHECKS } from '../../../src/conformance/checks/registry.ts';
import { parseConfig } from '../../../src/conformance/config.ts';
import { type Report, type RowStatus, runChecks } from '../../../src/conformance/runner.ts';
import { issuer } from './peer.ts';

const FAILED: Record<string, readonly string[]> = {
  SHOULD: [
    'GRANT-1.1-03',
    'GRANT-2-07',
    'GRANT-3.3.1-13',
    'GRANT-3.3.5.1-04',
    'GRANT-4-02',
    'GRANT-5-01',
    'GRANT-5.5-05',
    'GRANT-5.7-01',
    'GRANT-6.1-01',
    'FED-2-04',
    'FED-6-02',
    'SEC-9700-11',
  ],
  MUST: [
    'GRANT-2-08',
    'GRANT-5.5-02',
    'FED-1.3-01',
    'FED-1.3-02',
    'FED-1.3-03',
    'FED-3.2-02',
    'FED-3.2-03',
    'FED-3.2-08',
    'FED-3.2-10',
    'FED-3.2.1-02',
    'FED-3.2.2-01',
    'FED-3.2.3-01',
    'SEC-9700-10',
    'SEC-9700-12',
    'SEC-8414-01',
    'SEC-7662-05',
    'SEC-7009-06',
    'SEC-8628-03',
    'SEC-9449-02',
    'SEC-9449-03',
  ],
  'MUST*': [
    'GRANT-3.3.1-14',
    'GRANT-3.3.1-15',
    'GRANT-3.3.6-02',
    'GRANT-3.3.6-03',
    'GRANT-3.3.6-05',
    'GRANT-3.3.6-15',
    'GRANT-3.3.6-20',
    'FED-1.3-05',
    'FED-3.2.3-02',
    'FED-3.2.4-02',
    'FED-4-02',
    'FED-4.2-01',
    'FED-4.2-02',
    'FED-4.3-01',
  ],
  MAY: ['GRANT-3.6-01', 'FED-3.2-09', 'FED-3.2-11'],
  HARDEN: ['ATK-04', 'ATK-13', 'ATK-15', 'ATK-18'],
};

const REALM = 'conformance';
const here = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
let origin = '';
let token = '';

async function admin(method: string, path: string, body?: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/admin/realms${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  await answer.text();
  assert.ok(answer.ok || (method === 'DELETE' && answer.status === 404), `${method} ${path}: ${answer.status}`);
}

before(async () => {
  origin = new URL(issuer()).origin;
  const form = new URLSearchParams({
    grant_type: 'password',
    client_id: 'admin-cli',
    username: 'admin',
    password: 'admin',
  });
  const answer = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form });
  token = String(((await answer.json()) as { access_token?: unknown }).access_token);
  await admin('DELETE', `/${REALM}`);
  await admin('POST', '', here('conformance-realm.json'));
});
after(() => admin('DELETE', `/${REALM}`));

test('the suite runs through on Keycloak, with these findings and no other', async (t) => {
  const config = parseConfig(here('conformance.jsonc'), { environment: {}, readFile: () => '' });
  const report = await runChecks({ ...config, issuer: `${origin}/realms/${REALM}` }, Object.values(CHECKS), {
    profiles: PROFILES,
  });
  t.diagnostic(`${report.checks} checks in ${report.duration_ms} ms`);
  assert.deepEqual(idsByLevel(report, 'fail'), FAILED);
  const unproved = report.rows.filter(
    ({ status, findings }) =>
      status === 'fail' && !findings.some(({ detail }) => detail !== undefined && detail !== ''),
  );
  assert.deepEqual(unproved, []);
});

function idsByLevel({ rows }: Report, status: RowStatus): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const row of rows.filter((item) => item.status === status))
    found[row.level] = [...(found[row.level] ?? []), row.requirement];
  return found;
}
