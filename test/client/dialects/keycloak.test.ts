// The Keycloak dialect against recorded exchanges: what it writes is what the real server took, what the real server answered is read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GrantRequest } from '../../../src/client/dialects/dialect.ts';
import { DIALECTS, dialectOf } from '../../../src/client/dialects/index.ts';
import { keycloak } from '../../../src/client/dialects/keycloak.ts';
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { UmaError } from '../../../src/protocol/errors.ts';
import type { HttpRequest } from '../../../src/protocol/http.ts';
import type { PartialMetadata } from '../../../src/protocol/metadata.ts';
import { answered, jwt, REALM, recorded } from '../../wire/recorded.ts';

const METADATA = keycloak.complete(recorded('uma_metadata').response.json as PartialMetadata);
const TOKEN = String(METADATA.token_endpoint);
const RESOURCES = String(METADATA.resource_registration_endpoint);
const PERMISSION = String(METADATA.permission_endpoint);
const CLIENT = { id: 'photoz-client', secret: 'x', method: 'client_secret_basic' } as const;
const RESOURCE = 'd500e60f-a231-4767-8c99-12e6834aa654';
const PAT = jwt({ sub: 'f370d69d', preferred_username: 'alice', azp: 'photoz-restful-api' });
const TICKET = jwt(recorded('ticket').payload!);
const BOB = jwt({ sub: '31b256f2-b7f8-4920-a008-56e9432b0b8f' });

const quiet = () => {};
const form = (request: HttpRequest) => Object.fromEntries(new URLSearchParams(request.body));
const { protection, grant } = keycloak;

/** Method, path and JSON body are those that were recorded. */
function assertAsRecorded(request: HttpRequest, name: string): void {
  const { method, path, json } = recorded(name).request;
  assert.equal(request.method, method);
  assert.equal(new URL(request.url).pathname, new URL(path, REALM).pathname);
  if (json !== undefined) assert.deepEqual(JSON.parse(request.body ?? ''), json);
}

test('recognised by its metadata, not by its name; the rest is left to standard', () => {
  assert.equal(dialectOf('auto', METADATA).name, 'keycloak');
  assert.match(keycloak.recognises(METADATA) ?? '', /uma-policy/);
  const { policy_endpoint: _policy, ...plain } = METADATA;
  assert.match(keycloak.recognises(plain) ?? '', /paths/);
  assert.equal(
    dialectOf('auto', { issuer: 'https://as.example/realms/x', token_endpoint: 'https://as.example/t' }).name,
    'standard',
  );
  assert.equal(dialectOf('auto', { issuer: 'https://as.example' }).vendor, undefined);
  assert.equal(METADATA.resource_owner_endpoint, `${REALM}/authz/protection`);
});

test('every deviation names a role, what differs and what is done about it', () => {
  for (const { deviations } of DIALECTS) {
    for (const { differs, uma } of deviations) assert.ok(differs.length > 10 && uma.length > 5);
    assert.equal(new Set(deviations.map(({ differs }) => differs)).size, deviations.length);
  }
  assert.deepEqual(new Set(keycloak.deviations.map(({ role }) => role)).size, 3);
});

describe('protection API', () => {
  test('registration asks for owner-managed access; the answer has scopes by name', () => {
    const { ownerManagedAccess: _on, ...resource } = recorded('create').request.json as {
      resource_scopes: string[];
    } & Record<string, unknown>;
    const request = protection.buildCreate(RESOURCES, PAT, resource);
    assertAsRecorded(request, 'create');
    const made = protection.readRegistration(answered('create', request), quiet);
    assert.equal(made._id, RESOURCE);
    assert.deepEqual(made.resource_scopes, ['album:view', 'album:delete', 'download']);
    const off = protection.buildCreate(RESOURCES, PAT, { name: 'x', resource_scopes: [], ownerManagedAccess: false });
    assert.equal(JSON.parse(off.body ?? '').ownerManagedAccess, false);
  });

  test('a description travels as an attribute and comes back; no name is refused before anything is sent', () => {
    const request = protection.buildCreate(RESOURCES, PAT, {
      name: 'x',
      resource_scopes: ['view'],
      description: 'A photo',
    });
    const sent = JSON.parse(request.body ?? '') as Record<string, unknown>;
    assert.equal(sent.description, undefined);
    assert.deepEqual(sent.attributes, { description: ['A photo'] });
    const exchange = answered('read', request);
    const body = { ...(recorded('read').response.json as object), attributes: sent.attributes };
    const read = protection.readResource(
      { ...exchange, response: { ...exchange.response, body: JSON.stringify(body) } },
      quiet,
    );
    assert.equal(read.description, 'A photo');
    assert.equal(read.attributes, undefined);
    assert.throws(() => protection.buildCreate(RESOURCES, PAT, { resource_scopes: [] }), { code: 'missing_name' });
  });

  test('an update keeps owner-managed access, and its empty 204 gives the id', () => {
    const before = protection.readResource(answered('read'), quiet);
    const { _id, ...description } = before;
    const request = protection.buildUpdate(RESOURCES, PAT, _id, { ...description, name: 'Other' });
    const sent = JSON.parse(request.body ?? '') as Record<string, unknown>;
    assert.equal(sent.ownerManagedAccess, true);
    assert.deepEqual([sent.owner, sent.scopes], [undefined, undefined]);
    const notes: string[] = [];
    assert.equal(protection.readRegistration(answered('update', request), (note) => notes.push(note))._id, RESOURCE);
    assert.equal(notes.length, 1);
  });

  test("lists: all of the PAT's owner, but of everybody for the resource server itself", () => {
    const query = (pat: string) => Object.fromEntries(new URL(protection.buildList(RESOURCES, pat).url).searchParams);
    assert.deepEqual(query(PAT), { max: '-1', owner: 'f370d69d' });
    assert.deepEqual(query(jwt({ sub: 's', preferred_username: 'service-account-photoz-restful-api' })), { max: '-1' });
    assert.equal(protection.readIds(answered('list'), quiet).length, 7);
    const found = protection.find!.read(answered('list_deep'), quiet);
    assert.deepEqual(found.map(({ name, resource_scopes }) => [name, resource_scopes]).at(0), [
      'BobsByAlice',
      ['album:view'],
    ]);
  });

  test('one permission is an array too; the ticket is read', () => {
    const request = protection.buildTicket(PERMISSION, PAT, [
      { resource_id: RESOURCE, resource_scopes: ['album:view'] },
    ]);
    assertAsRecorded(request, 'ticket');
    assert.equal(protection.readTicket(answered('ticket', request), quiet), '[token]');
  });

  test('an id that this PAT does not see, whatever the code says', () => {
    for (const name of ['read_unknown', 'read_of_another', 'ticket_unknown_resource', 'delete_unknown'])
      assert.ok(protection.unknownResource(answered(name)), name);
    for (const name of ['no_token', 'pat_without_role', 'ticket_unknown_scope', 'read'])
      assert.ok(!protection.unknownResource(answered(name)), name);
  });

  test('P8: each wrong set-up has its own code and category', () => {
    const asked: HttpRequest = { method: 'GET', url: RESOURCES, headers: { authorization: `Bearer ${PAT}` } };
    const cases: [string, string, string, RegExp][] = [
      ['no_token', 'invalid_token', 'authentication', /not valid/],
      ['pat_of_wrong_client', 'pat_of_wrong_client', 'config', /no resource server/],
      ['pat_without_role', 'pat_lacks_role', 'config', /alice has not the role uma_protection of photoz-restful-api/],
      ['create_with_description', 'unrecognized_field', 'refused', /"description"/],
    ];
    for (const [name, code, category, message] of cases)
      assert.throws(() => protection.readIds(answered(name, asked), quiet), { code, category, message });
    assert.throws(() => protection.readTicket(answered('ticket_unknown_scope'), quiet), {
      code: 'invalid_scope',
      category: 'refused',
    });
    assert.ok(keycloak.tokens.tokenRefused(answered('no_token')), 'worth one new token');
    assert.ok(!keycloak.tokens.tokenRefused(answered('pat_without_role')), 'a new token would not help');
  });

  test('introspection: by the client, with the hint that brings the permissions', () => {
    const request = protection.buildIntrospection(String(METADATA.introspection_endpoint), { client: CLIENT }, 'rpt');
    assert.equal(protection.introspectsWith, 'client');
    assert.match(request.headers.authorization ?? '', /^Basic /);
    assert.deepEqual(form(request), { token: 'rpt', token_type_hint: 'requesting_party_token' });
    const answer = protection.readIntrospection(answered('introspection', request), quiet);
    assert.deepEqual(answer.permissions, [{ resource_id: RESOURCE, resource_scopes: ['album:view'] }]);
    assert.equal(protection.readIntrospection(answered('introspection_by_another_client'), quiet).active, false);
    assert.throws(() => protection.readIntrospection(answered('introspection_by_pat'), quiet), {
      category: 'authentication',
    });
  });
});

describe('uma-ticket grant', () => {
  const read = (name: string, sent: GrantRequest, token?: string) =>
    grant.read(answered(name, undefined, token), sent, quiet);

  test('client and claim token, as it was taken; the request is filed unless it says no', () => {
    const request = grant.build(TOKEN, CLIENT, {
      ticket: '[token]',
      claim_token: '[token]',
      claim_token_format: ID_TOKEN_FORMAT,
    });
    assert.match(request.headers.authorization ?? '', /^Basic /);
    assert.deepEqual(form(request), { ...recorded('rpt_id_token').request.form, submit_request: 'true' });
    assert.equal(form(grant.build(TOKEN, CLIENT, { ticket: 't', submit_request: false })).submit_request, 'false');
  });

  test("the requesting party's bearer takes the place of the client", () => {
    const request = grant.build(TOKEN, CLIENT, { ticket: 't', bearer: 'bob' });
    assert.equal(request.headers.authorization, 'Bearer bob');
    assert.deepEqual(Object.keys(form(request)).sort(), ['grant_type', 'submit_request', 'ticket']);
  });

  test('without a ticket: audience, permission by id or URI, response_mode', () => {
    const ask = (resource_id: string) =>
      grant.build(TOKEN, CLIENT, {
        audience: 'photoz-restful-api',
        permission: [{ resource_id, resource_scopes: ['album:view'] }],
        bearer: 'bob',
        response_mode: resource_id.startsWith('/') ? 'permissions' : undefined,
      });
    assert.deepEqual(form(ask(RESOURCE)), recorded('ticketless').request.form);
    assert.deepEqual(form(ask('/album/1')), recorded('ticketless_uri').request.form);
    assert.throws(() => grant.build(TOKEN, CLIENT, {}), { code: 'no_ticket' });
    const mixed = [RESOURCE, '/album/1'].map((resource_id) => ({ resource_id, resource_scopes: [] }));
    assert.throws(() => grant.build(TOKEN, CLIENT, { audience: 'a', permission: mixed }), {
      code: 'conflicting_flags',
    });
    assert.throws(() => grant.build(TOKEN, CLIENT, { ticket: 't', audience: 'a' }), { code: 'conflicting_flags' });
  });

  test('a decision is made over the list: yes is everything that was asked for, by id or by name', () => {
    const entry = { rsid: RESOURCE, rsname: 'Album', scopes: ['view'] };
    const decide = (resource_id: string, ...resource_scopes: string[]) => {
      const sent = {
        audience: 'a',
        response_mode: 'decision',
        permission: [{ resource_id, resource_scopes }],
      } as const;
      const request = grant.build(TOKEN, CLIENT, sent);
      assert.equal(form(request).response_mode, 'permissions');
      const response = { status: 200, headers: {}, body: JSON.stringify([entry]) };
      return grant.read({ request, response }, sent, () => undefined);
    };
    for (const name of [RESOURCE, 'Album']) {
      assert.deepEqual(decide(name, 'view'), { kind: 'assessed', wire: { result: true } });
      assert.deepEqual(decide(name), { kind: 'assessed', wire: { result: true } });
      const no = decide(name, 'view', 'print');
      assert.equal(no.kind, 'request_denied');
      assert.match(JSON.stringify(no.wire), new RegExp(`not print on ${name}`));
    }
    assert.equal(decide('Other', 'view').kind, 'request_denied');
    // A URI is no entry's name: what there is is for the one that was asked about.
    assert.deepEqual(decide('/a', 'view'), { kind: 'assessed', wire: { result: true } });
    assert.match(JSON.stringify(decide('/a', 'view', 'print').wire), /not print on \/a/);
    const permission = ['/a', '/b'].map((resource_id) => ({ resource_id, resource_scopes: ['view'] }));
    assert.throws(() => grant.build(TOKEN, CLIENT, { audience: 'a', response_mode: 'decision', permission }), {
      code: 'conflicting_flags',
      message: /several URIs/,
    });
  });

  test('the standard dialect refuses what is no part of UMA', () => {
    const { grant: standard } = dialectOf('standard', METADATA);
    for (const extension of [
      { audience: 'a' },
      { submit_request: false },
      { bearer: 'b' },
      { response_mode: 'decision' },
    ] as const)
      assert.throws(() => standard.build(TOKEN, CLIENT, { ticket: 't', ...extension }), {
        code: 'extension_unknown',
        category: 'usage',
      });
  });

  test('P8: submitted and refused get their own name, and keep the ticket', () => {
    const submitted = read('rpt_submitted', { ticket: TICKET });
    assert.equal(submitted.kind, 'request_submitted');
    assert.deepEqual(submitted.wire, {
      error: 'request_submitted',
      error_description: 'Keycloak: access_denied, request_submitted',
      ticket: TICKET,
    });
    const denied = read('rpt_not_authorized', { ticket: TICKET });
    assert.equal(denied.kind, 'request_denied');
    assert.equal((denied.wire as { error: string }).error, 'request_denied');
    assert.equal(grant.rotatesTickets, false);
  });

  test('a claim token that is not accepted is need_info', () => {
    const outcome = read('claim_token_of_another_client', { ticket: TICKET });
    assert.equal(outcome.kind, 'need_info');
    assert.equal((outcome.wire as { ticket: string }).ticket, TICKET);
  });

  test('all else is an error with a code of UMA', () => {
    const cases: [string, string, string][] = [
      ['ticket_garbage', 'invalid_grant', 'refused'],
      ['ticketless_unknown_resource', 'invalid_resource', 'refused'],
      ['no_claim_token', 'unauthorized_client', 'authentication'],
    ];
    for (const [name, code, category] of cases) assert.throws(() => read(name, { ticket: TICKET }), { code, category });
    const bearer: HttpRequest = { method: 'POST', url: TOKEN, headers: { authorization: 'Bearer x' } };
    assert.throws(() => grant.read(answered('bearer_id_token', bearer), { ticket: 't' }, quiet), {
      code: 'invalid_token',
      category: 'authentication',
    });
  });

  test('GRANT-3.3.5: a part is granted, and what is missing is said', () => {
    const rpt = jwt(recorded('rpt_id_token').payload!);
    const ticket = jwt({ permissions: [{ rsid: RESOURCE, scopes: ['album:view', 'download'] }] });
    const part = read('rpt_partial', { ticket }, rpt);
    assert.ok(part.kind === 'granted');
    assert.deepEqual(part.missing, [{ resource_id: RESOURCE, resource_scopes: ['download'] }]);
    const whole = read('rpt_id_token', { ticket: TICKET }, rpt);
    assert.ok(whole.kind === 'granted' && whole.missing === undefined);
    const byUri = (...permission: [uri: string, ...scopes: string[]][]) => {
      const asked = permission.map(([resource_id, ...resource_scopes]) => ({ resource_id, resource_scopes }));
      const outcome = read('rpt_id_token', { audience: 'a', permission: asked }, rpt);
      assert.ok(outcome.kind === 'granted');
      return outcome.missing;
    };
    assert.equal(byUri(['/a', 'album:view']), undefined);
    assert.deepEqual(byUri(['/a', 'album:view', 'download']), [{ resource_id: '/a', resource_scopes: ['download'] }]);
    assert.deepEqual(byUri(['/a', 'album:view'], ['/b', 'album:view']), [
      { resource_id: 'one of /a /b', resource_scopes: [] },
    ]);
    const upgraded = read('rpt_upgraded', { ticket: TICKET }, rpt);
    assert.ok(upgraded.kind === 'granted' && upgraded.upgraded);
  });

  test('response_mode: the answer as it came', () => {
    const { json } = recorded('ticketless_uri').response;
    assert.deepEqual(read('ticketless_uri', { audience: 'a', response_mode: 'permissions' }), {
      kind: 'assessed',
      wire: json,
    });
    assert.deepEqual(read('decision', { ticket: 't', response_mode: 'decision' }), {
      kind: 'assessed',
      wire: { result: true },
    });
  });

  describe('a second look at a refusal', () => {
    const sent = { ticket: TICKET, claim_token: BOB, claim_token_format: ID_TOKEN_FORMAT };
    /** The owner's list is answered by `tickets`, the resource by `resource`. */
    const look = (refusal: string, tickets: unknown, resource: unknown = recorded('read').response.json) => {
      const outcome = read(refusal, sent);
      assert.ok(outcome.kind !== 'assessed');
      return grant.secondLook!(outcome, sent, METADATA, async (build) => {
        const request = build(PAT);
        const body = JSON.stringify(request.url.includes('/permission/ticket') ? tickets : resource);
        return { request, response: { status: 200, headers: {}, body } };
      });
    };
    const pending = (recorded('tickets').response.json as { requesterName: string }[]).filter(
      ({ requesterName }) => requesterName === 'bob',
    );
    const granted = pending.map((entry) => ({ ...entry, granted: true }));

    test('filed: pending, also where the wire says not_authorized', async () => {
      assert.equal((await look('rpt_submitted', pending)).kind, 'request_submitted');
      assert.equal((await look('rpt_not_authorized', pending)).kind, 'request_submitted');
    });

    test('nothing filed, nothing said to be: denied', async () => {
      assert.equal((await look('rpt_not_authorized', [])).kind, 'request_denied');
      assert.equal((await look('rpt_not_authorized', granted)).kind, 'request_denied');
      const other = pending.map((entry) => ({ ...entry, scopeName: 'download' }));
      assert.equal((await look('rpt_not_authorized', other)).kind, 'request_denied', 'a request for another scope');
    });

    test('said to be filed, and is not: a wrong set-up, with the resource and the switch', async () => {
      const off = { ...(recorded('read').response.json as object), ownerManagedAccess: false };
      const failed = { code: 'not_owner_managed', category: 'config' };
      await assert.rejects(look('rpt_submitted', [], off), {
        ...failed,
        message: /ownerManagedAccess is off for "Holidays"/,
      });
      await assert.rejects(look('rpt_submitted', []), {
        ...failed,
        message: /the resource server owns the resource itself/,
      });
      assert.equal((await look('rpt_submitted', granted)).kind, 'request_submitted', 'approved in between');
    });

    test('a resource server that may not look is an error, for the caller to pass over', async () => {
      const outcome = read('rpt_submitted', sent);
      assert.ok(outcome.kind !== 'assessed');
      const refused = grant.secondLook!(outcome, sent, METADATA, async (build) =>
        answered('pat_without_role', build(PAT)),
      );
      await assert.rejects(refused, (error) => error instanceof UmaError && error.code === 'pat_lacks_role');
    });
  });
});
