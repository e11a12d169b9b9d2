// The owner's side of the Keycloak dialect over recorded answers: what is sent for each decision, and what is refused to be sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerApi } from '../../../src/client/dialects/dialect.ts';
import { keycloak } from '../../../src/client/dialects/keycloak.ts';
import type { HttpRequest } from '../../../src/protocol/http.ts';
import type { PartialMetadata } from '../../../src/protocol/metadata.ts';
import { answered, jwt, REALM, recorded } from '../../wire/recorded.ts';

const ALICE = 'f370d69d-a9c5-4cad-b76a-c23976e2b8be';
const BOB = '31b256f2-b7f8-4920-a008-56e9432b0b8f';
const JDOE = 'e459c240-d4f2-43b6-bc73-b153c1a65e53';
const HOLIDAYS = 'd500e60f-a231-4767-8c99-12e6834aa654';
const TOKEN = jwt({ sub: ALICE, azp: 'photoz-restful-api', preferred_username: 'alice' });
const METADATA = keycloak.complete(recorded('uma_metadata').response.json as PartialMetadata);

const ANSWERS: Record<string, string> = {
  'GET /permission/ticket': 'tickets',
  'PUT /permission/ticket': 'approve',
  'DELETE /permission/ticket/ID': 'revoke',
  'GET /uma-policy': 'policy_list',
  'POST /uma-policy/ID': 'policy_create',
  'PUT /uma-policy/ID': 'policy_update',
  'DELETE /uma-policy/ID': 'policy_delete',
  'GET /resource_set': 'list_deep',
};

/** The API over recordings: a list is narrowed by requester, as the server does it. */
function api(overrides: Record<string, string> = {}): { owner: OwnerApi; sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  const owner = keycloak.owner.api(METADATA, async (build) => {
    const request = build(TOKEN);
    sent.push(request);
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace('/realms/photoz/authz/protection', '').replace(/\/[0-9a-f-]{36}$/, '/ID');
    const name = overrides[`${request.method} ${path}`] ?? ANSWERS[`${request.method} ${path}`];
    assert.ok(name !== undefined, `${request.method} ${path} has a recorded answer`);
    const exchange = answered(name, request);
    const requester = searchParams.get('requester');
    if (name !== 'tickets' || requester === null) return exchange;
    const all = JSON.parse(exchange.response.body) as { requester: string; requesterName: string }[];
    const own = all.filter((entry) => [entry.requester, entry.requesterName].includes(requester));
    return { request, response: { ...exchange.response, body: JSON.stringify(own) } };
  });
  assert.ok(owner !== undefined);
  return { owner, sent };
}

const lines = (sent: readonly HttpRequest[]) =>
  sent
    .filter(({ method }) => method !== 'GET')
    .map(({ method, url, body }) => `${method} ${url.split('/').at(-1)} ${body ?? ''}`.trim());

test('entries of one person on one resource are one request, without times', async () => {
  const { owner, sent } = api();
  const requests = await owner.requests({ status: 'pending' });
  assert.deepEqual(
    requests.map(({ id, party, scopes }) => [id, party.name, scopes.toSorted()]),
    [
      [`${HOLIDAYS}:${BOB}`, 'bob', ['album:delete', 'album:view']],
      [`${HOLIDAYS}:${JDOE}`, 'jdoe', ['album:delete', 'album:view', 'download']],
    ],
  );
  assert.deepEqual(requests[0]?.party, { iss: REALM, sub: BOB, name: 'bob' });
  assert.equal(requests[0]?.created_at, undefined);
  const query = Object.fromEntries(new URL(sent[0]?.url ?? '').searchParams);
  assert.deepEqual(query, { granted: 'false', owner: ALICE, returnNames: 'true', max: '-1' });
  assert.deepEqual(await owner.requests({ status: 'denied' }), [], 'none is kept');
});

test('approving some scopes grants those entries and removes the others', async () => {
  const { owner, sent } = api();
  const approved = await owner.approve(`${HOLIDAYS}:${BOB}`, { scopes: ['album:view'] });
  assert.deepEqual([approved.status, approved.granted_scopes], ['approved', ['album:view']]);
  const [grant = '', remove = '', ...more] = lines(sent);
  assert.match(grant, /^PUT ticket \{"id":"e8721be3-[^"]+".*"granted":true\}$/);
  assert.equal(remove, 'DELETE 06e145fe-82e1-470d-afca-097cbc8e66d0');
  assert.deepEqual(more, []);
  await assert.rejects(owner.approve(`${HOLIDAYS}:${BOB}`, { scopes: ['print'] }), {
    code: 'invalid_scope',
    category: 'usage',
  });
});

test('denying removes every entry; what is not there is not_found', async () => {
  const { owner, sent } = api();
  assert.equal((await owner.deny(`${HOLIDAYS}:${BOB}`)).status, 'denied');
  assert.equal(lines(sent).filter((line) => line.startsWith('DELETE')).length, 2);
  await assert.rejects(owner.deny(`${HOLIDAYS}:nobody`), { code: 'not_found', category: 'refused' });
});

test('revoking counts entries and policies of that person, and never an RPT', async () => {
  const { owner, sent } = api();
  assert.equal(owner.rptSurvivesRevocation, true);
  const answer = await owner.revoke({ resource_id: HOLIDAYS, party: { iss: REALM, sub: JDOE, name: 'jdoe' } });
  assert.deepEqual(answer, { policies: 1, requests: 3, rpts: 0 });
  const deleted = lines(sent);
  assert.equal(deleted.length, 4);
  assert.equal(deleted.at(-1), 'DELETE eed2c5bc-2f93-4389-8a27-50b4902d543e', "the policy for jdoe, not the client's");
});

test('a policy that would lose its subject is removed again', async () => {
  const subject = { group: 'nobodies' } as const;
  const policy = { resource_id: HOLIDAYS, effect: 'allow', subject } as const;
  const { owner, sent } = api();
  await assert.rejects(owner.createPolicy(policy), { code: 'unknown_subject', message: /groups \/nobodies/ });
  assert.equal(lines(sent).at(-1), 'DELETE eed2c5bc-2f93-4389-8a27-50b4902d543e');
});

test('a policy for a person, as it was taken; one of an unknown person is an error', async () => {
  const party = { iss: REALM, sub: JDOE, name: 'jdoe' };
  const policy = {
    resource_id: HOLIDAYS,
    effect: 'allow',
    subject: { party },
    scopes: ['album:view'],
    name: 'jdoe may view',
  } as const;
  const { owner, sent } = api();
  const made = await owner.createPolicy({ ...policy, scopes: [...policy.scopes] });
  const { description: _description, ...taken } = recorded('policy_create').request.json as Record<string, unknown>;
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ''), taken);
  assert.deepEqual([made.name, made.subject], ['jdoe may view', { party: { iss: REALM, sub: 'jdoe', name: 'jdoe' } }]);
  const broken = api({ 'POST /uma-policy/ID': 'policy_unknown_user' });
  await assert.rejects(broken.owner.createPolicy({ ...policy, scopes: ['album:view'] }), { code: 'unknown_subject' });
  const server = api({ 'POST /uma-policy/ID': 'policy_by_service_account' });
  await assert.rejects(server.owner.createPolicy({ ...policy, scopes: ['album:view'] }), { code: 'invalid_request' });
});

test('what Keycloak cannot keep is refused before anything is sent', async () => {
  const { owner, sent } = api();
  const anyone = { resource_id: HOLIDAYS, effect: 'allow', subject: { anyone: true } } as const;
  const refused = { code: 'not_offered', category: 'config' };
  await assert.rejects(owner.createPolicy(anyone), refused);
  await assert.rejects(owner.createPolicy({ ...anyone, effect: 'deny' }), refused);
  await assert.rejects(owner.createPolicy({ ...anyone, expires_at: 1 }), refused);
  await assert.rejects(owner.createPolicy({ ...anyone, claims: [] }), refused);
  await assert.rejects(owner.approve('a:b', { expires_at: 1 }), refused);
  await assert.rejects(owner.deny('a:b', { message: 'no' }), refused);
  await assert.rejects(owner.revoke({ token: 'rpt' }), refused);
  await assert.rejects(owner.history({ limit: 1 }), refused);
  assert.deepEqual(sent, []);
});

test('a person is found where she has asked, else named by login name', async () => {
  const { owner } = api();
  assert.deepEqual(await owner.person('jdoe'), { iss: REALM, sub: JDOE, name: 'jdoe' });
  assert.deepEqual(await owner.person('carol'), { iss: REALM, sub: 'carol', name: 'carol' });
});

test('her resources carry the resource server of her token', async () => {
  const { owner } = api();
  const [first] = await owner.resources();
  assert.deepEqual(
    [first?.name, first?.client_id, first?.resource_scopes],
    ['BobsByAlice', 'photoz-restful-api', ['album:view']],
  );
});
