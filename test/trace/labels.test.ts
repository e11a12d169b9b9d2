import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../../src/protocol/actors.ts';
import { bearer, formPost, type HttpRequest, jsonRequest } from '../../src/protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../src/protocol/outcome.ts';
import { Flow, LABELS } from '../../src/trace/labels.ts';
import { AS, answer, RS } from './exchange.ts';

const METADATA = {
  issuer: AS,
  token_endpoint: `${AS}/token`,
  permission_endpoint: `${AS}/perm`,
  introspection_endpoint: `${AS}/introspect`,
  resource_registration_endpoint: `${AS}/rreg`,
  resource_owner_endpoint: `${AS}/owner`,
};

const grant = (members: Record<string, string>) => formPost(`${AS}/token`, members);
const get = (url: string, headers: Record<string, string> = {}): HttpRequest => ({ method: 'GET', url, headers });

type Row = readonly [request: HttpRequest, arrow: string, status?: number, answerLabel?: string, hint?: Actor];

const ROWS: readonly Row[] = [
  [get(RS), '2 client > resource server, step 2', 401, '4'],
  [
    jsonRequest('POST', `${AS}/perm`, { resource_id: 'r', resource_scopes: [] }),
    '3 resource server > AS, step 2',
    201,
    '',
  ],
  [grant({ grant_type: 'password', scope: 'openid' }), '5 client > AS, step 3', 200, ''],
  [grant({ grant_type: UMA_TICKET_GRANT, ticket: 't' }), '6 client > AS, step 4', 403, '7'],
  [grant({ grant_type: UMA_TICKET_GRANT, ticket: 't' }), '6 client > AS, step 4', 200, '8'],
  [get(RS, bearer('rpt')), '9 client > resource server, step 5', 200, '11'],
  [get(RS, bearer('rpt')), '9 client > resource server, step 5', 401, '4'],
  [formPost(`${AS}/introspect`, { token: 'rpt' }), '10 resource server > AS, step 5', 200, ''],
  [get(`${AS}/.well-known/uma2-configuration`), ' client > AS, step 1', 200, ''],
  [get(`${AS}/.well-known/uma2-configuration`), ' owner > AS, step 1', 200, '', 'owner'],
  [grant({ grant_type: 'password', scope: 'uma_protection' }), ' resource server > AS, step 1', 200, ''],
  [grant({ grant_type: 'client_credentials' }), ' resource server > AS, step 1', 200, ''],
  [grant({ grant_type: 'password' }), '5 client > AS, step 3', 200, '', 'client'],
  [grant({ grant_type: 'password', scope: 'uma_owner' }), ' owner > AS, step 4', 200, ''],
  [jsonRequest('POST', `${AS}/rreg`, { resource_scopes: [] }), ' resource server > AS, step 1', 201, ''],
  [get(`${AS}/rreg/r1`), ' resource server > AS, step 1', 200, ''],
  [
    jsonRequest('POST', `${AS}/owner/policies`, { resource_id: 'r', resource_scopes: [] }),
    ' owner > AS, step 4',
    201,
    '',
  ],
  [get(`${AS}/owner/requests`), ' owner > AS, step 4', 200, ''],
];

test('each kind of request is its arrow of the flow picture, and so is its answer', () => {
  const flow = new Flow({ issuer: AS });
  flow.observe(get(`${AS}/.well-known/uma2-configuration`), answer(200, METADATA));
  for (const [request, expected, status = 200, answerLabel = '', hint] of ROWS) {
    const { label, from, to, step, answerLabel: labelOf } = flow.arrow(request, hint);
    assert.equal(`${label} ${from} > ${to}, step ${step}`, expected, `${request.method} ${request.url}`);
    assert.equal(labelOf(status), answerLabel, expected);
  }
});

test("Keycloak's owner addresses stand beneath its permission endpoint and are the owner's all the same", () => {
  const realm = `${AS}/realms/photoz`;
  const flow = new Flow({ issuer: realm, permission_endpoint: `${realm}/authz/protection/permission` });
  const arrow = (path: string, method: HttpRequest['method'] = 'GET') =>
    flow.arrow(jsonRequest(method, `${realm}${path}`, method === 'GET' ? undefined : [{ resource_id: 'r' }]));
  assert.equal(arrow('/authz/protection/permission', 'POST').label, '3');
  assert.deepEqual(
    [arrow('/authz/protection/permission/ticket').from, arrow('/authz/protection/permission/ticket').label],
    ['owner', ''],
  );
  assert.equal(arrow('/authz/protection/uma-policy/p1').from, 'owner');
});

test("the owner's requests say what she does", () => {
  const flow = new Flow({ issuer: AS, resource_owner_endpoint: `${AS}/owner` });
  const what = (method: HttpRequest['method'], path: string) =>
    flow.arrow({ method, url: AS + path, headers: {} }).what;
  assert.equal(what('GET', '/owner/requests?status=pending'), 'requests');
  assert.equal(what('POST', '/owner/requests/r1/approve'), 'approval');
  assert.equal(what('POST', '/owner/requests/r1/deny'), 'denial');
  assert.equal(what('POST', '/owner/revocations'), 'revocation');
  assert.equal(what('PUT', '/owner/policies/p1'), 'policy');
  assert.equal(what('GET', '/owner/history'), 'history');
  assert.equal(what('GET', '/owner/resources'), 'resources');
});

test('without any metadata, what a request says is enough', () => {
  const flow = new Flow();
  assert.equal(flow.arrow(grant({ grant_type: UMA_TICKET_GRANT, ticket: 't' })).label, '6');
  assert.equal(flow.arrow(jsonRequest('POST', `${AS}/x`, { resource_id: 'r', resource_scopes: ['s'] })).label, '3');
  assert.equal(flow.arrow(get(RS)).label, '2');
});

test('the labels are those of the walkthrough: 1 to 11', () => {
  assert.deepEqual(
    LABELS.map(([label]) => label),
    Array.from({ length: 11 }, (_, at) => String(at + 1)),
  );
});
