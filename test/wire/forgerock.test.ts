// AM's shapes: the documents' examples, the names of wire/forgerock.ts, and what the forgerock layout really answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import {
  FORGEROCK_AUDIT_TYPES,
  FORGEROCK_COOKIE,
  FORGEROCK_INTROSPECTION_MEMBERS,
  FORGEROCK_INTROSPECTION_TOKEN_TYPE,
  FORGEROCK_LABEL_TYPES,
  FORGEROCK_RPT_MEMBERS,
  FORGEROCK_SHARE_PAGE,
  FORGEROCK_SUBMITTED_MEMBERS,
} from '../../src/wire/forgerock.ts';
import { EXAMPLE_NAMES, example, shapeOf } from './forgerock-examples.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';
const RESOURCE = 'ef4d750e-3831-483b-b395-c6f059b5e15d0';
const SHARED = '0d7790de-9066-4bb6-8e81-25b6f9d0b8853';
const PAT = '057ad16f-7dba-4049-9f34-e609d230d43a';

test('the names of wire/forgerock.ts are those that the documents print', () => {
  assert.deepEqual(Object.keys(example('introspection').body), [...FORGEROCK_INTROSPECTION_MEMBERS]);
  assert.equal(example('introspection').body.token_type, FORGEROCK_INTROSPECTION_TOKEN_TYPE);
  assert.deepEqual(Object.keys(example('refused').body), [...FORGEROCK_SUBMITTED_MEMBERS]);
  assert.deepEqual([...Object.keys(example('rpt').body), 'pct'], [...FORGEROCK_RPT_MEMBERS]);
  assert.ok(Object.values(FORGEROCK_AUDIT_TYPES).includes(example('history').body.result[0].type));
  assert.ok(FORGEROCK_LABEL_TYPES.includes(example('label').body.type));
  assert.ok(example('registration').body.user_access_policy_uri.includes(FORGEROCK_SHARE_PAGE));
});

describe('the layout answers in the shapes of the documents', () => {
  let server: RunningServer;
  const compared = new Set<string>();
  before(async () => {
    server = await startServer({ port: 0, layout: 'forgerock' });
  });
  after(() => server.close());

  /** Status and shape of the example; the body. */
  async function asPrinted(name: string, path: string, init: RequestInit) {
    const response = await fetch(`${server.url}/openam${path}`, init);
    const text = await response.text();
    const { status, body } = example(name);
    assert.equal(response.status, status, `${name}: ${text}`);
    const answered = JSON.parse(text);
    assert.deepEqual(shapeOf(answered), shapeOf(body), name);
    // Words and codes are part of the shape of an error.
    if (status >= 400 && name !== 'refused') assert.deepEqual(answered, body);
    compared.add(name);
    return answered;
  }
  const form = (members: Record<string, string>, headers: Record<string, string> = {}) => ({
    method: 'POST',
    headers,
    body: new URLSearchParams(members),
  });
  const json = (method: string, value: unknown, headers: Record<string, string>) => ({
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(value === undefined ? {} : { body: JSON.stringify(value) }),
  });
  const pat = { authorization: `Bearer ${PAT}` };
  const uma = '/uma/realms/root';
  const token = '/oauth2/realms/root/access_token';
  const client = { client_id: 'UmaClient', client_secret: 'password' };

  test('every one of them', async () => {
    await asPrinted(
      'pat',
      token,
      form({
        grant_type: 'password',
        scope: 'uma_protection',
        username: 'alice',
        password: 'Ch4ng31t',
        client_id: 'UMA-Resource-Server',
        client_secret: 'password',
      }),
    );
    const claims = await asPrinted(
      'claims',
      token,
      form({ ...client, grant_type: 'password', scope: 'openid', username: 'bob', password: 'password' }),
    );
    const { name, description, type, icon_uri, labels, resource_scopes } = example('resource').body;
    const registered = await asPrinted(
      'registration',
      `${uma}/resource_set`,
      json('POST', { name, description, type, icon_uri, labels, resource_scopes }, pat),
    );
    await asPrinted('resource', `${uma}/resource_set/${registered._id}`, { headers: pat });
    await asPrinted('resources', `${uma}/resource_set`, { headers: pat });
    await asPrinted('resource_not_found', `${uma}/resource_set/nope`, { headers: pat });

    const permission = [{ resource_id: RESOURCE, resource_scopes: ['download'] }];
    const { ticket } = await asPrinted('ticket', `${uma}/permission_request`, json('POST', permission, pat));
    const ask = (value: string) =>
      form({
        ...client,
        grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
        ticket: value,
        claim_token: claims.id_token,
        claim_token_format: ID_TOKEN,
      });
    await asPrinted('refused', token, ask(ticket));
    await asPrinted('used_ticket', token, ask(ticket));

    const names = (username: string, password: string) =>
      json('POST', undefined, { 'x-openam-username': username, 'x-openam-password': password });
    const { tokenId } = await asPrinted('signed_in', '/json/realms/root/authenticate', names('alice', 'Ch4ng31t'));
    await asPrinted('sign_in_refused', '/json/realms/root/authenticate', names('alice', 'guess'));
    const sso = { [FORGEROCK_COOKIE]: tokenId, 'accept-api-version': 'resource=1.0' };
    const alice = '/json/realms/root/users/alice';
    await asPrinted('no_session', `${alice}/uma/policies?_queryFilter=true`, {});
    await asPrinted('session_user', '/json/users?_action=idFromSession', json('POST', undefined, sso));

    const pending = await asPrinted('pending_list', `${alice}/uma/pendingrequests?_queryFilter=true`, { headers: sso });
    await asPrinted('pending_not_found', `${alice}/uma/pendingrequests/nope`, { headers: sso });
    const approve = `${alice}/uma/pendingrequests/${pending.result[0]._id}?_action=approve`;
    await asPrinted('approved', approve, json('POST', { scopes: ['download'] }, sso));

    const second = await fetch(`${server.url}/openam${uma}/permission_request`, json('POST', permission, pat));
    const rpt = await asPrinted('rpt', token, ask(((await second.json()) as { ticket: string }).ticket));
    await asPrinted('introspection', `/oauth2/introspect?token=${rpt.access_token}`, { headers: pat });

    const policies = `${alice}/uma/policies`;
    const body = { policyId: SHARED, permissions: example('policy').body.permissions };
    const write = (value: unknown, more: Record<string, string> = {}) => json('PUT', value, { ...sso, ...more });
    await asPrinted('policy_created', `${policies}/${SHARED}`, write(body, { 'if-none-match': '*' }));
    await asPrinted('policy', `${policies}/${SHARED}`, { headers: sso });
    const changed = { policyId: SHARED, permissions: example('policy_updated').body.permissions };
    const updated = await asPrinted('policy_updated', `${policies}/${SHARED}`, write(changed, { 'if-match': '*' }));
    assert.deepEqual(updated.permissions, changed.permissions);
    await asPrinted('policy_list', `${policies}?_queryFilter=permissions/subject eq "chris"`, { headers: sso });
    await asPrinted(
      'policy_without_subject',
      `${policies}/${SHARED}`,
      write({ ...body, permissions: [{ scopes: [] }] }),
    );
    await asPrinted('policy_of_another_id', `${policies}/${RESOURCE}`, write(body));
    await asPrinted('bad_field', `${policies}?_queryFilter=badField eq "x"`, { headers: sso });
    await asPrinted('policy_exists', `${policies}/${SHARED}`, write(body, { 'if-none-match': '*' }));
    await asPrinted('policy_deleted', `${policies}/${SHARED}`, { method: 'DELETE', headers: sso });
    const gone = await fetch(`${server.url}/openam${policies}/${SHARED}`, { headers: sso });
    assert.equal(gone.status, 404);
    await asPrinted('policy_created_by_post', `${policies}?_action=create`, json('POST', body, sso));
    const { policyId, permissions } = body;
    const [{ subject, scopes }] = permissions;
    for (const [name, value] of Object.entries({
      policy_without_id: { permissions },
      policy_without_permissions: { policyId },
      policy_without_scopes: { policyId, permissions: [{ subject }] },
      policy_for_nobody: { policyId, permissions: [{ subject: '', scopes }] },
    }))
      await asPrinted(name, `${policies}/${SHARED}`, write(value));
    await asPrinted('policy_of_no_resource', `${policies}/nope`, write({ ...body, policyId: 'nope' }));

    const label = await asPrinted(
      'label',
      `${alice}/oauth2/resources/labels`,
      json('POST', { name: 'New Resource Label', type: 'USER' }, sso),
    );
    const sets = `${alice}/oauth2/resources/sets`;
    await fetch(`${server.url}/openam${sets}/${RESOURCE}`, json('PUT', { labels: [label._id] }, sso));
    await asPrinted('resource_sets', `${sets}?_queryFilter=name eq "Vacation Photos"`, { headers: sso });
    await asPrinted('history', `${alice}/uma/auditHistory?_queryFilter=true&_sortKeys=-eventTime&_pageSize=10`, {
      headers: sso,
    });
    await asPrinted('history_by_post', `${alice}/uma/auditHistory?_action=getHistory`, json('POST', undefined, sso));
    const deleted = await asPrinted('label_deleted', `${alice}/oauth2/resources/labels/${label._id}`, {
      method: 'DELETE',
      headers: sso,
    });
    assert.equal(deleted._id, label._id);

    await asPrinted('all_revoked', `${sets}?_action=revokeAll`, json('POST', undefined, sso));
    await asPrinted('policy_not_found', `${policies}/${RESOURCE}`, { headers: sso });
    const requests = `${alice}/uma/pendingrequests`;
    const again = async (scope: string) => {
      const wanted = json('POST', [{ resource_id: SHARED, resource_scopes: [scope] }], pat);
      const answer = await fetch(`${server.url}/openam${uma}/permission_request`, wanted);
      await asPrinted('refused', token, ask(((await answer.json()) as { ticket: string }).ticket));
      const list = await fetch(`${server.url}/openam${requests}?_queryFilter=true`, { headers: sso });
      return ((await list.json()) as { result: { _id: string }[] }).result[0]!._id;
    };
    await asPrinted('denied', `${requests}/${await again('view')}?_action=deny`, json('POST', undefined, sso));
    await again('comment');
    await asPrinted('all_denied', `${requests}?_action=denyAll`, json('POST', undefined, sso));
    await again('download');
    await asPrinted('all_approved', `${requests}?_action=approveAll`, json('POST', { scopes: ['download'] }, sso));

    const other = { name: 'Photo Album', resource_scopes: ['view'] };
    await asPrinted('resource_updated', `${uma}/resource_set/${registered._id}`, json('PUT', other, pat));
    await asPrinted('server_info_uma', '/json/serverinfo/uma', {});
    const sessions = '/json/realms/root/sessions';
    await asPrinted('session_valid', `${sessions}?_action=validate`, json('POST', { tokenId }, {}));
    await asPrinted('signed_out', `${sessions}?_action=logout`, json('POST', undefined, sso));
  });

  test('no example was left out', () => {
    assert.deepEqual([...compared].sort(), [...EXAMPLE_NAMES].sort());
  });
});
