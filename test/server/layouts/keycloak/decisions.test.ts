// What the keycloak layout must not change: single use, client binding, isolation, kinds of tokens, revocation. And the RPT's members.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type RunningServer, startServer } from '../../../../src/server/start.ts';
import { type Answer, type Call, payloadOf, send } from '../../../interop/differential/wire.ts';

const TOKEN = '/protocol/openid-connect/token';
const RESOURCES = '/authz/protection/resource_set';
const TICKETS = '/authz/protection/permission/ticket';
const UMA = 'urn:ietf:params:oauth:grant-type:uma-ticket';
const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';
const realm = new URL('../../../interop/keycloak/photoz-realm.json', import.meta.url);

let server: RunningServer;
let alice: string;
let bob: { access_token: string; id_token: string };
let photo: string;

const call = (request: Call): Promise<Answer> => send(server.issuer, request);
const members = async <T>(request: Call): Promise<T> => (await call(request)).body as T;
const signIn = (username: string, basic: string) =>
  members<typeof bob>({
    path: TOKEN,
    basic,
    form: { grant_type: 'password', username, password: 'password', scope: 'openid' },
  });
const register = async (name: string, bearer: string) =>
  (
    await members<{ _id: string }>({
      path: RESOURCES,
      bearer,
      json: { name, resource_scopes: ['view', 'edit'], ownerManagedAccess: true },
    })
  )._id;
const share = (resource: string, scopeName: string, requesterName = 'bob') =>
  members<{ id: string }>({
    path: TICKETS,
    bearer: alice,
    json: { resource, requesterName, scopeName, granted: true },
  });
const ticketFor = async (resource_id: string, ...resource_scopes: string[]) =>
  (
    await members<{ ticket: string }>({
      path: '/authz/protection/permission',
      bearer: alice,
      json: [{ resource_id, resource_scopes }],
    })
  ).ticket;
const redeem = (ticket: string, bearer: string, more: Record<string, string> = {}) =>
  call({ path: TOKEN, bearer, form: { grant_type: UMA, ticket, ...more } });
const rptIn = ({ body }: Answer) => (body as { access_token: string }).access_token;
const introspect = (token: string, basic = 'photoz-restful-api:secret') =>
  members<{ active: boolean }>({
    path: `${TOKEN}/introspect`,
    basic,
    form: { token, token_type_hint: 'requesting_party_token' },
  });

before(async () => {
  server = await startServer({ port: 0, layout: 'keycloak', imported: JSON.parse(readFileSync(realm, 'utf8')) });
  alice = (await signIn('alice', 'photoz-restful-api:secret')).access_token;
  bob = await signIn('bob', 'photoz-client:password');
  photo = await register('Photo', alice);
  await share(photo, 'view');
});
after(() => server.close());

test('GRANT-5.5-02: of parallel redemptions of one ticket exactly one gets an RPT, and only that one is active', async () => {
  const ticket = await ticketFor(photo, 'view');
  const answers = await Promise.all(Array.from({ length: 12 }, () => redeem(ticket, bob.access_token)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const { status, body } of answers)
    if (status !== 200) assert.deepEqual([status, (body as { error: string }).error], [403, 'invalid_ticket']);
  assert.equal((await introspect(rptIn(answers.find(({ status }) => status === 200)!))).active, true);
});

test('ATK-08: a refused ticket stays good, for the client that was refused only', async () => {
  const waiting = await register('Waiting', alice);
  const ticket = await ticketFor(waiting, 'view');
  assert.equal((await redeem(ticket, bob.access_token, { submit_request: 'false' })).status, 403);
  const thief = (await signIn('bob', 'UmaClient:password')).access_token;
  await share(waiting, 'view');
  const stolen = await redeem(ticket, thief);
  assert.deepEqual([stolen.status, (stolen.body as { error: string }).error], [403, 'invalid_ticket']);
  assert.equal((await redeem(ticket, bob.access_token)).status, 200);
});

test('the RPT has the members of the photoz article, and no address of another realm', async () => {
  const payload = payloadOf(rptIn(await redeem(await ticketFor(photo, 'view'), bob.access_token)))!;
  const wanted = [
    ...['jti', 'exp', 'nbf', 'iat', 'iss', 'aud', 'sub', 'typ', 'azp', 'auth_time', 'session_state', 'acr'],
    ...['allowed-origins', 'realm_access', 'resource_access', 'authorization', 'scope'],
    ...['email_verified', 'name', 'preferred_username', 'given_name', 'family_name', 'email'],
  ];
  assert.deepEqual(
    wanted.filter((member) => payload[member] === undefined),
    [],
  );
  assert.deepEqual(
    [payload.iss, payload.aud, payload.azp, payload.typ, payload.authorization],
    [
      server.issuer,
      'photoz-restful-api',
      'photoz-client',
      'Bearer',
      { permissions: [{ scopes: ['view'], rsid: photo, rsname: 'Photo' }] },
    ],
  );
});

test('GRANT-5.6: what the owner takes back is gone from RPTs at once, and a refresh brings nothing back', async () => {
  const { id } = await share(photo, 'edit');
  const granted = await redeem(await ticketFor(photo, 'edit'), bob.access_token);
  assert.equal((await introspect(rptIn(granted))).active, true);
  assert.equal((await call({ method: 'DELETE', path: `${TICKETS}/${id}`, bearer: alice })).status, 204);
  assert.equal((await introspect(rptIn(granted))).active, false);
  const { refresh_token } = granted.body as { refresh_token: string };
  const refreshed = await call({
    path: TOKEN,
    basic: 'photoz-client:password',
    form: { grant_type: 'refresh_token', refresh_token },
  });
  assert.equal(refreshed.status, 400);
});

test('ATK-12, ATK-14, ATK-15: another resource server sees neither resources nor RPTs, and names tell nothing', async () => {
  const rpt = rptIn(await redeem(await ticketFor(photo, 'view'), bob.access_token));
  assert.equal((await introspect(rpt, 'photoz-short-api:secret')).active, false);
  const short = (
    await members<{ access_token: string }>({
      path: TOKEN,
      basic: 'photoz-short-api:secret',
      form: { grant_type: 'client_credentials' },
    })
  ).access_token;
  assert.equal((await call({ path: `${RESOURCES}/${photo}`, bearer: short })).status, 404);
  assert.deepEqual(await members({ path: RESOURCES, bearer: short }), []);
  await register('Secret diary', alice);
  const probe = (permission: string) =>
    call({
      path: TOKEN,
      bearer: bob.access_token,
      form: { grant_type: UMA, audience: 'photoz-restful-api', permission },
    });
  const [existing, missing] = [await probe('Secret diary'), await probe('Nothing at all')];
  const shape = ({ status, body }: Answer) => [status, (body as { error: string }).error];
  assert.deepEqual(shape(existing), shape(missing));
});

test('kinds of tokens stay apart: what is inside is no token, an access token no ID Token, an ID token no bearer', async () => {
  const { jti } = payloadOf(bob.access_token) as { jti: string };
  assert.equal((await call({ path: RESOURCES, bearer: jti })).status, 403);
  const { jti: id } = payloadOf(await ticketFor(photo, 'view')) as { jti: string };
  assert.equal((await redeem(`x${id}`, bob.access_token)).status, 403);
  // The house's own endpoint stands beside the vendor's and is as strict as ever.
  const ticket = await ticketFor(photo, 'view');
  const form = { grant_type: UMA, ticket, claim_token: bob.access_token, claim_token_format: ID_TOKEN };
  const { status } = await call({ path: '/token', basic: 'photoz-client:password', form });
  assert.equal(status, 403);
  assert.equal((await redeem(await ticketFor(photo, 'view'), bob.id_token)).status, 400);
  const [header, payload] = bob.access_token.split('.');
  assert.equal((await redeem(await ticketFor(photo, 'view'), `${header}.${payload}.AAAA`)).status, 400);
});

test('discovery is also at the root of the origin, for clients that drop the path', async () => {
  const response = await fetch(`${server.url}/.well-known/uma2-configuration`);
  assert.equal(((await response.json()) as { issuer: string }).issuer, server.issuer);
});

test('every switch is named with its reason', () => {
  assert.deepEqual(server.switches.map(({ name }) => name).sort(), [
    'access-token-identifies',
    'denials-are-forgotten',
    'jwt-rpts',
    'one-pat-for-all-owners',
    'owner-by-pat',
    'pat-by-role',
    'redirect-patterns',
    'ticket-survives-refusal',
  ]);
});
