/** The walkthrough by plain HTTP, as its texts show it with curl: no line of our client between the test and the server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Served, type Stage } from './processes.ts';
import { basic, type Endpoints, endpointsOf, form, ID_TOKEN, json, UMA_TICKET } from './wire.ts';

const SUBMITTED =
  'The client is not authorised to access the requested resource set. A request has been submitted to the resource owner requesting access to the resource';
const INVALID_GRANT = {
  error_description: 'The provided access grant is invalid, expired, or revoked.',
  error: 'invalid_grant',
};
const UMA_CLIENT = basic('UmaClient', 'password');
const RESOURCE_SERVER = basic('UMA-Resource-Server', 'password');

describe('the walkthrough by plain HTTP', () => {
  let stage: Stage;
  let server: Served;
  let at: Endpoints;
  let pat: string;
  let owner: string;
  let resource_id: string;
  let claim_token: string;

  const ticketFor = async (scope: string): Promise<string> => {
    const { status, body } = await json(at.permission_endpoint, 'POST', pat, [
      { resource_id, resource_scopes: [scope] },
    ]);
    assert.equal(status, 201);
    return body.ticket;
  };
  const redeem = (ticket: string, more: Record<string, string> = {}, client = UMA_CLIENT) =>
    form(at.token_endpoint, client, {
      grant_type: UMA_TICKET,
      ticket,
      claim_token,
      claim_token_format: ID_TOKEN,
      ...more,
    });
  const approveAll = async () => {
    const { body } = await json(`${at.resource_owner_endpoint}/requests?status=pending`, 'GET', owner);
    for (const { id } of body.requests)
      assert.equal((await json(`${at.resource_owner_endpoint}/requests/${id}/approve`, 'POST', owner, {})).status, 200);
    return body.requests;
  };

  before(async () => {
    stage = openStage();
    server = await stage.serve();
    at = await endpointsOf(server.issuer);
  });
  after(() => stage.close());

  test('the PAT, the resource, and the owner token by password grant', async () => {
    const person = { grant_type: 'password', username: 'alice', password: 'password' };
    const answer = await form(at.token_endpoint, RESOURCE_SERVER, { ...person, scope: 'uma_protection' });
    assert.equal(answer.status, 200);
    pat = answer.body.access_token;
    owner = (await form(at.token_endpoint, undefined, { ...person, scope: 'uma_owner', client_id: 'uma-cli' })).body
      .access_token;
    const registered = await json(at.resource_registration_endpoint, 'POST', pat, {
      name: 'Photo Album',
      resource_scopes: ['view', 'download'],
      type: 'http://www.example.com/rsets/photoalbum',
    });
    assert.equal(registered.status, 201);
    resource_id = registered.body._id;
    assert.equal(registered.headers.get('location')?.endsWith(resource_id), true);
  });

  test("3, 5, 6: permission ticket, claim token, and request_submitted in the walkthrough's words (GRANT-3.3.6-15, -16)", async () => {
    const ticket = await ticketFor('download');
    const claims = await form(at.token_endpoint, UMA_CLIENT, {
      grant_type: 'password',
      scope: 'openid',
      username: 'bob',
      password: 'password',
    });
    assert.equal(claims.status, 200);
    assert.equal(claims.body.token_type, 'Bearer');
    claim_token = claims.body.id_token;
    const { status, body } = await redeem(ticket, { scope: 'download' });
    assert.equal(status, 403);
    assert.equal(body.error, 'request_submitted');
    assert.equal(body.error_description, SUBMITTED);
    assert.ok(typeof body.ticket === 'string' && body.ticket !== ticket);
  });

  test('Alice sees the request and allows it; a PAT may not (decision 13)', async () => {
    const refused = await json(`${at.resource_owner_endpoint}/requests`, 'GET', pat);
    assert.equal(refused.status, 403);
    const [request, ...others] = await approveAll();
    assert.deepEqual([request.resource_id, request.scopes, others], [resource_id, ['download'], []]);
  });

  test('8, 10: a new ticket with the original claim token gives the RPT, and introspection its permissions', async () => {
    const { status, body } = await redeem(await ticketFor('download'), { scope: 'download' });
    assert.equal(status, 200);
    assert.equal(body.token_type, 'Bearer');
    assert.ok(body.expires_in > 3590 && body.expires_in <= 3600);
    const { body: seen } = await form(at.introspection_endpoint, `Bearer ${pat}`, { token: body.access_token });
    assert.equal(seen.active, true);
    assert.deepEqual(
      seen.permissions.map(({ resource_id: id, resource_scopes }: Record<string, unknown>) => ({
        id,
        resource_scopes,
      })),
      [{ id: resource_id, resource_scopes: ['download'] }],
    );
    assert.ok(seen.exp > Date.now() / 1000);
  });

  test('a ticket is good for one attempt (GRANT-3.3.6-02)', async () => {
    const ticket = await ticketFor('download');
    assert.equal((await redeem(ticket)).status, 200);
    const again = await redeem(ticket);
    assert.deepEqual([again.status, again.body], [400, INVALID_GRANT]);
  });

  test('of 100 parallel redemptions of one ticket exactly one gets an RPT (ATK-21)', async () => {
    const ticket = await ticketFor('download');
    const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(ticket)));
    const won = answers.filter(({ status }) => status === 200);
    assert.equal(won.length, 1);
    assert.ok(won[0]?.body.access_token);
    for (const { status, body } of answers.filter((answer) => answer !== won[0]))
      assert.deepEqual([status, body], [400, INVALID_GRANT]);
  });

  test('a wrong PAT gets no ticket: 401 invalid_token', async () => {
    const { status, body, headers } = await json(at.permission_endpoint, 'POST', '057ad16f-7dba-4049', [
      { resource_id, resource_scopes: ['download'] },
    ]);
    assert.equal(status, 401);
    assert.equal(body.error, 'invalid_token');
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer /);
  });

  test('a wrong client: 401 invalid_client; one that may not use the grant: 400 unauthorized_client (GRANT-3.3.6-20, -21, ATK-22)', async () => {
    const ticket = await ticketFor('download');
    const wrong = await redeem(ticket, {}, basic('UmaClient', 'wrong'));
    assert.deepEqual([wrong.status, wrong.body.error], [401, 'invalid_client']);
    assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic /);
    const other = await redeem(ticket, {}, RESOURCE_SERVER);
    assert.deepEqual([other.status, other.body.error], [400, 'unauthorized_client']);
    assert.equal((await redeem(ticket)).status, 200, 'neither of them used the ticket up');
  });

  test('a claim token that was issued to another client says nothing here: need_info (GRANT-3.3.6-05, -07, ATK-19)', async () => {
    const other = await form(at.token_endpoint, RESOURCE_SERVER, {
      grant_type: 'password',
      scope: 'openid',
      username: 'bob',
      password: 'password',
    });
    assert.ok(other.body.id_token);
    const { status, body } = await redeem(await ticketFor('download'), { claim_token: other.body.id_token });
    assert.deepEqual([status, body.error], [403, 'need_info']);
    assert.ok(body.required_claims.length > 0);
    assert.ok(body.ticket);
  });

  test('a scope that the resource lacks: invalid_scope, at the permission endpoint and at the token endpoint (GRANT-3.3.6-03)', async () => {
    const { status, body } = await json(at.permission_endpoint, 'POST', pat, [
      { resource_id, resource_scopes: ['print'] },
    ]);
    assert.deepEqual([status, body.error], [400, 'invalid_scope']);
    const asked = await redeem(await ticketFor('download'), { scope: 'print' });
    assert.deepEqual([asked.status, asked.body.error], [400, 'invalid_scope']);
  });
});
