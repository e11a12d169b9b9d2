// The walkthrough's commands, typed as printed, with the answers that the pages print.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeToken } from '../../../../src/protocol/rpt.ts';
import { startServer } from '../../../../src/server/start.ts';
import { FORGEROCK_COOKIE } from '../../../../src/wire/forgerock.ts';
import { Commands } from './commands.ts';

const server = await startServer({ port: 0, layout: 'forgerock' });
after(() => server.close());
const curl = new Commands('walkthrough.txt', server.url);

const SUBMITTED =
  'The client is not authorised to access the requested resource set. A request has been submitted to the resource owner requesting access to the resource';
const PRINTED_PAT = '057ad16f-7dba-4049-9f34-e609d230d43a';
const PRINTED_SSO = 'AQIC5wM2LY4S…Q4MTE4NTA2*';

test('the AM 7.1 grant flow by its own curl commands: refused, approved by REST, granted, introspected', async () => {
  const pat = await curl.run('pat');
  assert.equal(pat.status, 200);
  assert.deepEqual(pat.body, {
    access_token: pat.body.access_token,
    expires_in: 3599,
    scope: 'uma_protection',
    token_type: 'Bearer',
  });
  const { access_token } = pat.body;

  const registered = await curl.run('register', { '515d6551-6512-5279-98b6-c0ef3f03a723': access_token });
  assert.equal(registered.status, 201);
  assert.deepEqual(Object.keys(registered.body), ['_id', 'user_access_policy_uri']);
  const id: string = registered.body._id;
  assert.equal(registered.body.user_access_policy_uri, `${server.url}/openam/XUI/?realm=/#uma/share/${id}`);
  const page = await fetch(registered.body.user_access_policy_uri, { redirect: 'manual' });
  assert.deepEqual([page.status, page.headers.get('location')], [303, '/openam/oauth2/console/resources']);

  const ids = { [PRINTED_PAT]: access_token, 'ef4d750e-3831-483b-b395-c6f059b5e15d0': id };
  const first = await curl.run('ticket', ids);
  assert.equal(first.status, 201);
  assert.deepEqual(Object.keys(first.body), ['ticket']);
  const jwt = decodeToken(first.body.ticket);
  assert.deepEqual([jwt?.header.typ, jwt?.header.alg], ['JWT', 'HS256']);
  const { aud, iss, it, exp, tid, forgerock } = jwt!.payload as Record<string, unknown>;
  assert.deepEqual([aud, iss, it, typeof tid], [server.issuer, server.issuer, 1, 'string']);
  assert.equal(typeof (forgerock as { sig: unknown }).sig, 'string');
  const life = (exp as number) - Date.now() / 1000;
  assert.ok(life > 110 && life <= 121, `a ticket lives 120 s, this one ${life}`);

  const claims = await curl.run('claims');
  assert.equal(claims.status, 200);
  assert.deepEqual(Object.keys(claims.body).sort(), [
    'access_token',
    'expires_in',
    'id_token',
    'refresh_token',
    'scope',
    'token_type',
  ]);
  assert.deepEqual([claims.body.expires_in, claims.body.scope, claims.body.token_type], [4999, 'openid', 'Bearer']);
  assert.equal(decodeToken(claims.body.id_token)?.payload.sub, 'bob');

  const refused = await curl.run('rpt', { TICKET: first.body.ticket, CLAIM_TOKEN: claims.body.id_token });
  assert.equal(refused.status, 403);
  assert.deepEqual(refused.body, {
    ticket: refused.body.ticket,
    error_description: SUBMITTED,
    error: 'request_submitted',
  });
  assert.notEqual(refused.body.ticket, first.body.ticket);
  assert.equal(decodeToken(refused.body.ticket)?.header.alg, 'HS256');

  const again = await curl.run('rpt', { TICKET: first.body.ticket, CLAIM_TOKEN: claims.body.id_token });
  assert.equal(again.status, 400);
  assert.deepEqual(again.body, {
    error: 'invalid_grant',
    error_description: 'The provided access grant is invalid, expired, or revoked.',
  });

  const signedIn = await curl.run('sign-in');
  assert.equal(signedIn.status, 200);
  assert.deepEqual(Object.keys(signedIn.body), ['tokenId', 'successUrl', 'realm']);
  const sso = { [PRINTED_SSO]: signedIn.body.tokenId };
  assert.match(signedIn.headers['set-cookie']!, new RegExp(`^${FORGEROCK_COOKIE}=AQIC.*; Path=/; .*SameSite=Lax$`));

  const pending = await curl.run('pending', sso);
  assert.equal(pending.status, 200);
  const [request] = pending.body.result;
  assert.deepEqual(request, {
    _id: request._id,
    user: 'bob',
    resource: 'Photo Album',
    when: request.when,
    permissions: ['download'],
  });
  assert.equal(pending.body.resultCount, 1);

  const approved = await curl.run('approve', { ...sso, REQUEST: request._id });
  assert.deepEqual([approved.status, approved.body], [200, {}]);
  assert.equal((await curl.run('pending', sso)).body.resultCount, 0);

  const second = await curl.run('ticket', ids);
  const granted = await curl.run('rpt', { TICKET: second.body.ticket, CLAIM_TOKEN: claims.body.id_token });
  assert.equal(granted.status, 200);
  assert.deepEqual(granted.body, {
    access_token: granted.body.access_token,
    token_type: 'Bearer',
    expires_in: 3599,
  });

  const active = await curl.run('introspect', {
    [PRINTED_PAT]: access_token,
    Aw4a92ZoKsjadWKw2d4Rmcjv7DM: granted.body.access_token,
  });
  assert.equal(active.status, 200);
  const end = active.body.exp;
  assert.deepEqual(active.body, {
    active: true,
    permissions: [{ resource_id: id, resource_scopes: ['download'], exp: end }],
    token_type: 'access_token',
    exp: end,
    iss: `${server.url}/openam/oauth2`,
  });
});

test('the same with the ids and tokens that the pages print: they are there from the start', async () => {
  assert.equal((await curl.run('ticket')).status, 201);
  assert.equal((await curl.run('pending')).status, 200);
  assert.equal((await curl.run('introspect')).body.active, true);
});

test('a person of a tree that wants more than a password gets HTTP 500 at the password grant, and no session', async () => {
  const { status, body } = await curl.run('second-factor');
  assert.equal(status, 500);
  assert.equal(body.error, 'server_error');
  const signIn = await fetch(`${server.url}/openam/json/authenticate`, {
    method: 'POST',
    headers: { 'x-openam-username': 'carol', 'x-openam-password': 'Ch4ng31t' },
  });
  assert.equal(signIn.headers.get('set-cookie'), null);
  const asked = (await signIn.json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(asked), ['authId', 'callbacks']);
  const wrong = await fetch(`${server.url}/openam/oauth2/access_token`, {
    method: 'POST',
    headers: { authorization: 'Basic VW1hQ2xpZW50OnBhc3N3b3Jk' },
    body: new URLSearchParams({ grant_type: 'password', scope: 'openid', username: 'carol', password: 'guess' }),
  });
  assert.equal(wrong.status, 400, 'a wrong password does not tell that there is a second factor');
});
