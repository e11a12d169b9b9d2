// The shapes of wire/keycloak.ts, held against what a real Keycloak sent and took.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject } from '../../src/protocol/http.ts';
import {
  KEYCLOAK_OWNER_PATHS,
  KEYCLOAK_PATHS,
  KEYCLOAK_REFUSALS,
  type KeycloakGrantParameters,
  type KeycloakPermission,
  type KeycloakPermissionTicket,
  type KeycloakPolicy,
  type KeycloakResource,
  type KeycloakResourceDescription,
  type KeycloakTicketPayload,
} from '../../src/wire/keycloak.ts';
import { REALM, RECORDED, recorded } from './recorded.ts';

/** Member names of a wire type. The compiler asks for each of them: `true` is required, `false` optional. */
type Members<T> = { [Member in keyof Required<T>]: undefined extends T[Member] ? boolean : true };

const description: Members<KeycloakResourceDescription> = {
  ...{ name: true, resource_scopes: true, type: false, icon_uri: false, uris: false, displayName: false },
  ...{ ownerManagedAccess: false, attributes: false },
};
const resource: Members<KeycloakResource> = {
  ...{ _id: true, name: true, owner: true, ownerManagedAccess: true, uris: true, scopes: true },
  ...{ resource_scopes: false, type: false, icon_uri: false, displayName: false, attributes: false },
};
const ticket: Members<KeycloakPermissionTicket> = {
  ...{ id: true, owner: true, resource: true, requester: true, granted: true },
  ...{ scope: false, scopeName: false, resourceName: false, ownerName: false, requesterName: false },
};
const policy: Members<KeycloakPolicy> = {
  ...{ id: true, name: true, type: true, description: false, scopes: false, users: false, groups: false },
  ...{ roles: false, clients: false, logic: false, decisionStrategy: false, owner: false },
};
const permission: Members<KeycloakPermission> = { rsid: true, rsname: false, scopes: false };
const payload: Members<KeycloakTicketPayload> = {
  ...{ exp: true, iat: true, jti: true, aud: true, sub: true, azp: true, permissions: true },
};

/** Every member that came is known, every required one came. */
function assertShape(value: unknown, members: Record<string, boolean>, where: string): void {
  assert.ok(isObject(value), `${where} is an object`);
  const names = Object.keys(value);
  assert.deepEqual(
    names.filter((name) => !(name in members)),
    [],
    `${where}: unknown members`,
  );
  const required = Object.keys(members).filter((name) => members[name]);
  assert.deepEqual(
    required.filter((name) => !names.includes(name)),
    [],
    `${where}: missing members`,
  );
}

const body = (name: string): unknown => recorded(name).response.json;
const list = (name: string): unknown[] => {
  const value = body(name);
  assert.ok(Array.isArray(value) && value.length > 0, `${name} is a list with entries`);
  return value;
};

test('every recorded address is one of the templates', () => {
  const own = Object.values(KEYCLOAK_OWNER_PATHS).map((path) => KEYCLOAK_PATHS.protection + path);
  const templates = [...Object.values(KEYCLOAK_PATHS), ...own].sort((a, b) => b.length - a.length);
  for (const [name, { request }] of Object.entries(RECORDED)) {
    const { pathname } = new URL(request.path, REALM);
    const rest = pathname.replace('/realms/photoz', '');
    const template = templates.find((path) => rest === path || rest.startsWith(`${path}/`));
    assert.ok(template !== undefined && template !== KEYCLOAK_PATHS.protection, `${name}: ${rest}`);
    const id = rest.slice(template.length);
    assert.ok(id === '' || /^\/[0-9a-f-]{36}$/.test(id), `${name}: after ${template} comes an id, not ${id}`);
  }
});

test('the templates are the endpoints that its uma2-configuration names', () => {
  const metadata = body('uma_metadata') as Record<string, unknown>;
  assert.equal(metadata.issuer, REALM);
  assert.equal(metadata.token_endpoint, REALM + KEYCLOAK_PATHS.token);
  assert.equal(metadata.introspection_endpoint, REALM + KEYCLOAK_PATHS.introspection);
  assert.equal(metadata.authorization_endpoint, REALM + KEYCLOAK_PATHS.authorization);
  assert.equal(metadata.end_session_endpoint, REALM + KEYCLOAK_PATHS.endSession);
  assert.equal(metadata.jwks_uri, REALM + KEYCLOAK_PATHS.keys);
  assert.equal(metadata.resource_registration_endpoint, REALM + KEYCLOAK_PATHS.resources);
  assert.equal(metadata.permission_endpoint, REALM + KEYCLOAK_PATHS.permission);
  assert.equal(metadata.policy_endpoint, REALM + KEYCLOAK_PATHS.protection + KEYCLOAK_OWNER_PATHS.policies);
});

test('resources: what it takes, what it answers, what it refuses by name', () => {
  for (const name of ['create', 'create_of_server', 'update'])
    assertShape(recorded(name).request.json, description, `${name}, request`);
  for (const name of ['create', 'create_of_server', 'read']) assertShape(body(name), resource, name);
  for (const entry of list('list_deep')) assertShape(entry, resource, 'list_deep');
  assert.ok(list('list').every((id) => typeof id === 'string'));
  const [first] = (body('read') as KeycloakResource).scopes;
  assert.equal(typeof first?.name, 'string');
  assert.match((body('create_with_description') as { error: string }).error, /Unrecognized field "description"/);
});

test('permission tickets of the owner, and policies', () => {
  for (const entry of [...list('tickets'), body('share')]) assertShape(entry, ticket, 'permission ticket');
  for (const entry of [...list('policy_list'), body('policy_create')]) assertShape(entry, policy, 'policy');
});

test('the grant: parameters, the ticket, permissions, and the two words of refusal', () => {
  const known: Record<keyof Required<KeycloakGrantParameters>, true> = {
    ...{
      submit_request: true,
      audience: true,
      permission: true,
      permission_resource_format: true,
      response_mode: true,
    },
  } as const;
  const standard = ['grant_type', 'ticket', 'claim_token', 'claim_token_format', 'rpt'];
  const grants = Object.entries(RECORDED).filter(([, { request }]) => request.form?.grant_type?.endsWith('uma-ticket'));
  assert.ok(grants.length > 10);
  for (const [name, { request }] of grants) {
    const unknown = Object.keys(request.form ?? {}).filter(
      (member) => !standard.includes(member) && !(member in known),
    );
    assert.deepEqual(unknown, [], name);
  }
  assertShape(recorded('ticket').payload, payload, 'payload of a permission ticket');
  for (const entry of list('permissions')) assertShape(entry, permission, 'response_mode=permissions');
  const { authorization } = recorded('rpt_id_token').payload as { authorization: { permissions: unknown[] } };
  for (const entry of authorization.permissions) assertShape(entry, permission, 'RPT');
  const said = (name: string) => (body(name) as { error_description: string }).error_description;
  assert.equal(said('rpt_submitted'), KEYCLOAK_REFUSALS.submitted);
  assert.equal(said('rpt_not_authorized'), KEYCLOAK_REFUSALS.refused);
});
