/**
 * The sequence that both servers play: the whole flow and its bad turns, on the realm of ../keycloak/photoz-realm.json. Where the two
 * decide differently, what follows stands on tickets and resources of its own, so that one difference does not hide another.
 */
import { type Answer, type Call, type Exchange, payloadOf, send, traitOf } from './wire.ts';

const TOKEN = '/protocol/openid-connect/token';
const INTROSPECT = `${TOKEN}/introspect`;
const RESOURCES = '/authz/protection/resource_set';
const PERMISSION = '/authz/protection/permission';
const TICKETS = `${PERMISSION}/ticket`;
const POLICIES = '/authz/protection/uma-policy';
const UMA = 'urn:ietf:params:oauth:grant-type:uma-ticket';
const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const RS = 'photoz-restful-api:secret';
const SHORT = 'photoz-short-api:secret';
const CLIENT = 'photoz-client:password';
const OTHER = 'UmaClient:password';
const NOWHERE = '00000000-0000-0000-0000-000000000000';

type Members = Record<string, unknown>;

/** @returns what was exchanged, in order. */
export async function play(issuer: string): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  async function step(name: string, call: Call): Promise<Members & Answer> {
    const answer = await send(issuer, call);
    if (exchanges.some((exchange) => exchange.name === name)) throw new Error(`two steps are called "${name}"`);
    exchanges.push({ name, trait: traitOf(answer) });
    const members = typeof answer.body === 'object' && answer.body !== null ? (answer.body as Members) : {};
    return { ...members, ...answer };
  }
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const token = (name: string, basic: string, form: Record<string, string>) => step(name, { path: TOKEN, basic, form });
  const password = (name: string, basic: string, username: string, scope?: string) =>
    token(name, basic, { grant_type: 'password', username, password: 'password', ...(scope ? { scope } : {}) });

  // Discovery
  await step('UMA discovery', { path: '/.well-known/uma2-configuration' });
  await step('OpenID discovery', { path: '/.well-known/openid-configuration' });
  await step('keys', { path: '/protocol/openid-connect/certs' });
  await step('discovery of a realm that does not exist', { path: 'x/.well-known/uma2-configuration' });

  // Tokens
  const service = text(
    (await token('PAT by client credentials', RS, { grant_type: 'client_credentials' })).access_token,
  );
  await step('PAT by client credentials, as python-keycloak writes it', {
    path: TOKEN,
    form: {
      client_id: 'photoz-restful-api',
      client_secret: 'secret',
      grant_type: 'client_credentials',
      scope: 'openid',
      code: '',
      redirect_uri: '',
      username: '',
      password: '',
    },
  });
  await token('PAT asking scope uma_protection', RS, { grant_type: 'client_credentials', scope: 'uma_protection' });
  const alicePat = await password("alice's PAT", RS, 'alice');
  const alice = text(alicePat.access_token);
  await token("alice's PAT refreshed", RS, {
    grant_type: 'refresh_token',
    refresh_token: text(alicePat.refresh_token),
  });
  await token('a refresh token that is none', RS, { grant_type: 'refresh_token', refresh_token: 'garbage' });
  await token('wrong client secret', 'photoz-restful-api:nope', { grant_type: 'client_credentials' });
  await token('unknown client', 'nobody:nope', { grant_type: 'client_credentials' });
  await step('no client authentication', { path: TOKEN, form: { grant_type: 'client_credentials' } });
  await token('wrong password', RS, { grant_type: 'password', username: 'alice', password: 'nope' });
  await token('unknown person', RS, { grant_type: 'password', username: 'nobody', password: 'nope' });
  await token('unknown grant type', RS, { grant_type: 'nope' });
  await token('no grant type', RS, { scope: 'openid' });
  const bobAtRs = text((await password('bob at the resource server client, without the role', RS, 'bob')).access_token);
  const bobTokens = await password('bob at the client, with ID token', CLIENT, 'bob', 'openid');
  const bob = text(bobTokens.access_token);
  const bobId = text(bobTokens.id_token);
  const bobOther = await password('bob at another client', OTHER, 'bob', 'openid');
  const jdoe = text((await password('jdoe at the client', CLIENT, 'jdoe', 'openid')).access_token);
  const aliceHere = text((await password('alice at the client', CLIENT, 'alice', 'openid')).access_token);

  // Registration
  const register = (name: string, bearer: string | undefined, json: unknown) =>
    step(name, { path: RESOURCES, bearer: bearer ?? '', json });
  const scopes = ['album:view', 'album:delete', 'download'];
  const holidays = text(
    (
      await register('alice registers a resource', alice, {
        name: 'Holidays',
        type: 'urn:photoz:album',
        icon_uri: 'http://127.0.0.1/icon.png',
        uris: ['/album/1'],
        resource_scopes: scopes,
        ownerManagedAccess: true,
      })
    )._id,
  );
  const family = text(
    (await register('a second one', alice, { name: 'Family', resource_scopes: scopes, ownerManagedAccess: true }))._id,
  );
  const plain = text(
    (await register('one that is not owner-managed', alice, { name: 'Plain', resource_scopes: ['album:view'] }))._id,
  );
  const server = text(
    (
      await register("one of the server's own", service, {
        name: 'Server',
        resource_scopes: ['album:view'],
        ownerManagedAccess: true,
      })
    )._id,
  );
  await register('owner in the body', service, { name: 'OwnerName', owner: 'alice', resource_scopes: ['album:view'] });
  await register('scopes as objects', alice, {
    name: 'Objects',
    scopes: [{ name: 'album:view' }],
    displayName: 'Shown',
    attributes: { a: ['1'] },
    uris: ['/pattern/*'],
  });
  await register('a scope that nobody knows', alice, { name: 'NewScope', resource_scopes: ['brand:new'] });
  await register('a member that it does not know', alice, {
    name: 'Described',
    description: 'as the specification has it',
  });
  await register('no name', alice, { resource_scopes: ['album:view'] });
  await register('the same name again', alice, { name: 'Holidays', resource_scopes: ['album:view'] });
  await step('registration that is no JSON', { path: RESOURCES, bearer: alice, text: '{' });
  await step('list', { path: RESOURCES, bearer: alice });
  await step('list by the service account', { path: RESOURCES, bearer: service });
  await step('list by part of a name', { path: `${RESOURCES}?name=holi`, bearer: alice });
  await step('list by part of a name, exact', { path: `${RESOURCES}?name=Holi&exactName=true`, bearer: alice });
  await step('list by name, exact', { path: `${RESOURCES}?name=Holidays&exactName=true`, bearer: alice });
  await step('list by address', { path: `${RESOURCES}?uri=/album/1`, bearer: alice });
  await step('list by an address that nothing has', { path: `${RESOURCES}?uri=/pattern/7`, bearer: alice });
  await step('list by matching address', {
    path: `${RESOURCES}?uri=/pattern/7&matchingUri=true&deep=true`,
    bearer: service,
  });
  await step('list by type', { path: `${RESOURCES}?type=urn:photoz:album`, bearer: alice });
  await step('list by scope', { path: `${RESOURCES}?scope=brand:new`, bearer: alice });
  await step('list by owner', { path: `${RESOURCES}?owner=alice`, bearer: service });
  await step('list by the client as owner', { path: `${RESOURCES}?owner=photoz-restful-api`, bearer: service });
  await step('list, deep', { path: `${RESOURCES}?deep=true&name=Holidays`, bearer: alice });
  await step('list, first and max', { path: `${RESOURCES}?first=1&max=2`, bearer: alice });
  await step('list, max 0', { path: `${RESOURCES}?max=0`, bearer: alice });
  const item = (id: string) => `${RESOURCES}/${id}`;
  await step('read', { path: item(holidays), bearer: alice });
  await step('read with a JSON content type and no body', { path: item(holidays), bearer: alice, method: 'GET' });
  await step("alice reads the server's own", { path: item(server), bearer: alice });
  await step("the service account reads alice's", { path: item(holidays), bearer: service });
  await step('update', {
    method: 'PUT',
    path: item(plain),
    bearer: alice,
    json: { name: 'Plain', resource_scopes: ['album:view', 'download'] },
  });
  await step('read what was updated', { path: item(plain), bearer: alice });
  await step('read an unknown id', { path: item(NOWHERE), bearer: alice });
  await step('update an unknown id', { method: 'PUT', path: item(NOWHERE), bearer: alice, json: { name: 'x' } });
  await step('delete an unknown id', { method: 'DELETE', path: item(NOWHERE), bearer: alice });
  await step('list without a token', { path: RESOURCES });
  await step('list with garbage as token', { path: RESOURCES, bearer: 'garbage' });
  await step("list with a requesting client's token", { path: RESOURCES, bearer: bob });
  await step('list with a token without the role', { path: RESOURCES, bearer: bobAtRs });

  // Tickets
  const ticketFor = async (name: string, bearer: string, json: unknown) =>
    text((await step(name, { path: PERMISSION, bearer, json })).ticket);
  const on = (resource_id: string, ...resource_scopes: string[]) => [{ resource_id, resource_scopes }];
  const first = await ticketFor('a ticket', alice, on(holidays, 'album:view'));
  await ticketFor('a ticket by the service account', service, on(holidays, 'album:view'));
  await ticketFor('a ticket without scopes', alice, [{ resource_id: holidays }]);
  await ticketFor('a ticket by name', alice, on('Holidays', 'album:view'));
  await ticketFor('a ticket without a resource', alice, [{ resource_scopes: ['album:view'] }]);
  await ticketFor('a ticket with claims', alice, [{ resource_id: holidays, claims: { organization: ['acme'] } }]);
  await ticketFor('a single object as the specification has it', alice, on(holidays, 'album:view')[0]);
  await ticketFor('a ticket for an unknown resource', alice, on(NOWHERE, 'album:view'));
  await ticketFor('a ticket for an unknown scope', alice, on(holidays, 'nope'));
  await ticketFor('a ticket for nothing', alice, []);
  await ticketFor('a ticket by a token without the role', bobAtRs, on(holidays, 'album:view'));
  await ticketFor("a ticket by a requesting client's token", bob, on(holidays, 'album:view'));
  await step('a ticket without a token', { path: PERMISSION, json: on(holidays, 'album:view') });

  // Who may ask, before anything is allowed
  type Form = Record<string, string | string[] | undefined>;
  const ask = (name: string, auth: { bearer?: string; basic?: string }, form: Form) =>
    step(name, { path: TOKEN, ...auth, form: { grant_type: UMA, ...form } });
  const check = { submit_request: 'false' };
  await ask('by Bearer', { bearer: bob }, { ticket: first, ...check });
  await ask(
    'by ID token',
    { basic: CLIENT },
    { ticket: first, claim_token: bobId, claim_token_format: ID_TOKEN, ...check },
  );
  await ask(
    'by access token as claim token',
    { basic: CLIENT },
    { ticket: first, claim_token: bob, claim_token_format: ID_TOKEN, ...check },
  );
  await ask('by claim token without format', { basic: CLIENT }, { ticket: first, claim_token: bobId, ...check });
  await ask('by subject token', { basic: CLIENT }, { ticket: first, subject_token: bob, ...check });
  await ask(
    'by Bearer and claim token',
    { bearer: bob },
    { ticket: first, claim_token: bobId, claim_token_format: ID_TOKEN, ...check },
  );
  await ask(
    'claims as JWT, without service account',
    { basic: CLIENT },
    { ticket: first, claim_token: bob, claim_token_format: JWT, ...check },
  );
  await ask('no claim token, without service account', { basic: CLIENT }, { ticket: first, ...check });
  await ask(
    'unknown claim token format',
    { basic: CLIENT },
    { ticket: first, claim_token: bobId, claim_token_format: 'urn:example:nope', ...check },
  );
  await ask(
    "another client's ID token",
    { basic: CLIENT },
    { ticket: first, claim_token: text(bobOther.id_token), claim_token_format: ID_TOKEN, ...check },
  );
  await ask(
    'garbage as claim token',
    { basic: CLIENT },
    { ticket: first, claim_token: 'garbage', claim_token_format: ID_TOKEN, ...check },
  );
  await ask(
    'a format and no claim token',
    { basic: CLIENT },
    { ticket: first, claim_token_format: ID_TOKEN, ...check },
  );
  await ask('nobody authenticated', {}, { ticket: first, ...check });
  await ask(
    'wrong secret',
    { basic: 'photoz-client:nope' },
    { ticket: first, claim_token: bobId, claim_token_format: ID_TOKEN },
  );
  await ask('garbage as Bearer', { bearer: 'garbage' }, { ticket: first });
  await ask('ID token as Bearer', { bearer: bobId }, { ticket: first });
  await ask('neither ticket nor audience', { bearer: bob }, check);
  await ask('garbage as ticket', { bearer: bob }, { ticket: 'garbage' });
  await ask('unsigned ticket', { bearer: bob }, { ticket: 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.' });
  await ask('empty ticket', { bearer: bob }, { ticket: '' });
  await ask('an access token as ticket', { bearer: bob }, { ticket: bob });
  await ask('unknown response mode', { bearer: bob }, { ticket: first, response_mode: 'nope' });
  await ask('a scope that was not asked for', { bearer: bob }, { ticket: first, scope: 'nope', ...check });
  await ask('the same ticket at another client', { bearer: text(bobOther.access_token) }, { ticket: first, ...check });
  const elsewhere = await ticketFor(
    'a ticket for the client with a service account',
    alice,
    on(holidays, 'album:view'),
  );
  await ask('no claim token, with service account', { basic: OTHER }, { ticket: elsewhere, ...check });
  await ask(
    'claims as JWT that are none',
    { basic: OTHER },
    { ticket: elsewhere, claim_token: 'bm9uZQ', claim_token_format: JWT, ...check },
  );
  await ask(
    'claims as JWT',
    { basic: OTHER },
    {
      ticket: elsewhere,
      claim_token: Buffer.from('{"organization":["acme"]}').toString('base64url'),
      claim_token_format: JWT,
      ...check,
    },
  );
  await step('open requests: none so far', { path: TICKETS, bearer: alice });

  // Asking the owner
  await ask('filed by default', { bearer: bob }, { ticket: first });
  await ask('filed again', { bearer: bob }, { ticket: first, submit_request: 'true' });
  const mine = await step('open requests', { path: `${TICKETS}?returnNames=true`, bearer: alice });
  const request = text((mine.body as Members[])[0]?.id);
  await step('open requests without names', { path: TICKETS, bearer: alice });
  await step('open requests of bob', {
    path: `${TICKETS}?requester=bob&granted=false&resourceId=${holidays}`,
    bearer: alice,
  });
  await step('open requests of jdoe', { path: `${TICKETS}?requester=jdoe`, bearer: alice });
  await step('open requests by scope', { path: `${TICKETS}?scopeId=album:view&owner=alice`, bearer: alice });
  await step('granted ones', { path: `${TICKETS}?granted=true`, bearer: alice });
  await step('count of open requests', { path: `${TICKETS}/count?granted=false`, bearer: alice });
  await step('open requests by the service account', { path: TICKETS, bearer: service });
  await step('open requests without the role', { path: TICKETS, bearer: bobAtRs });
  await step('open requests without a token', { path: TICKETS });
  const decide = (name: string, bearer: string, json: unknown) =>
    step(name, { method: 'PUT', path: TICKETS, bearer, json });
  await decide('bob approves himself', bobAtRs, { id: request, granted: true });
  await decide('approve without id', alice, { granted: true });
  await decide('approve an unknown id', alice, { id: NOWHERE, granted: true });
  await decide('approve', alice, { id: request, granted: true });
  await decide('approve again', alice, { id: request, granted: true });
  await step('granted now', { path: `${TICKETS}?granted=true&returnNames=true`, bearer: alice });

  // RPTs
  const granted = await ask('the RPT', { bearer: bob }, { ticket: first });
  const rpt = text(granted.access_token);
  await ask('the same ticket once more', { bearer: bob }, { ticket: first });
  const fresh = (name: string, ...wanted: string[]) => ticketFor(name, alice, on(holidays, ...wanted));
  const second = await fresh('a second ticket', 'album:view');
  await ask('jdoe has none', { bearer: jdoe }, { ticket: second, ...check });
  await ask('decision', { bearer: bob }, { ticket: second, response_mode: 'decision' });
  await ask('list of permissions', { bearer: bob }, { ticket: second, response_mode: 'permissions' });
  await ask(
    'an RPT by ID token',
    { basic: CLIENT },
    { ticket: second, claim_token: bobId, claim_token_format: ID_TOKEN },
  );
  const third = await fresh('a third ticket', 'album:view', 'album:delete');
  await ask('a part of it', { bearer: bob }, { ticket: third, ...check });
  const silent = await fresh('a ticket for what is partly allowed', 'album:view', 'download');
  await ask('a part of it, filing by default', { bearer: bob }, { ticket: silent });
  await step('whether the rest was filed', {
    path: `${TICKETS}?requester=bob&granted=false&scopeId=download`,
    bearer: alice,
  });
  const fourth = await ticketFor('a ticket for the bare resource', alice, [{ resource_id: holidays }]);
  await ask('whatever is allowed', { bearer: bob }, { ticket: fourth, ...check });
  const fifth = await fresh('a ticket for another client', 'album:view');
  await ask('by subject token of another client', { basic: OTHER }, { ticket: fifth, subject_token: bob });
  const own = await ticketFor('a ticket for the owner', alice, on(family, 'album:view'));
  await ask('the owner herself', { bearer: aliceHere }, { ticket: own, ...check });
  const unmanaged = await ticketFor('a ticket for one that is not owner-managed', alice, on(plain, 'album:view'));
  await ask('where the owner is not asked', { bearer: bob }, { ticket: unmanaged });

  // Without a ticket
  const audience = 'photoz-restful-api';
  await ask('permission by id', { bearer: bob }, { audience, permission: `${holidays}#album:view` });
  await ask('permission by name', { bearer: bob }, { audience, permission: 'Holidays#album:view' });
  await ask(
    'permission by address',
    { bearer: bob },
    {
      audience,
      permission: '/album/1#album:view',
      permission_resource_format: 'uri',
      response_mode: 'permissions',
    },
  );
  await ask(
    'two permissions',
    { bearer: bob },
    {
      audience,
      permission: [`${holidays}#album:view`, `${family}#album:view`],
      response_mode: 'permissions',
    },
  );
  await ask('a scope only', { bearer: bob }, { audience, permission: '#album:view', response_mode: 'permissions' });
  await ask(
    'decision without a ticket',
    { bearer: bob },
    { audience, permission: `${holidays}#album:view`, response_mode: 'decision' },
  );
  await ask(
    'decision: no',
    { bearer: bob },
    { audience, permission: `${holidays}#download`, response_mode: 'decision' },
  );
  for (const response_mode of ['decision', 'permissions', undefined])
    await ask(
      `another scope of a resource by name, ${response_mode ?? 'RPT'}`,
      { bearer: bob },
      { audience, permission: 'Holidays#download', response_mode },
    );
  const byAddress = { audience, permission_resource_format: 'uri', response_mode: 'decision' };
  await ask('no, by address', { bearer: jdoe }, { ...byAddress, permission: '/album/1#album:view' });
  await ask('an unknown address', { bearer: jdoe }, { ...byAddress, permission: '/nowhere#album:view' });
  await ask('no, by name', { bearer: jdoe }, { audience, permission: 'Holidays#album:view' });
  await ask('everything', { bearer: bob }, { audience });
  await ask(
    'everything, as a list without names',
    { bearer: bob },
    { audience, response_mode: 'permissions', response_include_resource_name: 'false' },
  );
  await ask('everything of somebody who has nothing', { bearer: jdoe }, { audience, response_mode: 'permissions' });
  await ask('permission without audience', { bearer: bob }, { permission: holidays });
  await ask('an audience that is no resource server', { bearer: bob }, { audience: 'photoz-client' });
  await ask('an unknown audience', { bearer: bob }, { audience: 'nope' });
  await ask('an unknown resource', { bearer: bob }, { audience, permission: NOWHERE });
  await ask('an unknown scope', { bearer: bob }, { audience, permission: `${holidays}#nope` });
  await ask(
    'by the resource server for its caller',
    { basic: RS },
    { audience, subject_token: bob, permission: 'Holidays#album:view', response_mode: 'permissions' },
  );

  // Upgrading
  const more = await step('alice allows album:delete unasked', {
    path: TICKETS,
    bearer: alice,
    json: { resource: holidays, requesterName: 'bob', granted: true, scopeName: 'album:delete' },
  });
  await step('and again', {
    path: TICKETS,
    bearer: alice,
    json: { resource: holidays, requesterName: 'bob', granted: true, scopeName: 'album:delete' },
  });
  await step('to nobody', {
    path: TICKETS,
    bearer: alice,
    json: { resource: holidays, granted: true, scopeName: 'download' },
  });
  await step('to an unknown person', {
    path: TICKETS,
    bearer: alice,
    json: { resource: holidays, requesterName: 'nobody', granted: true, scopeName: 'download' },
  });
  await step('on one that is not owner-managed', {
    path: TICKETS,
    bearer: alice,
    json: { resource: plain, requesterName: 'bob', granted: true, scopeName: 'album:view' },
  });
  const upgrade = await fresh('a ticket for album:delete', 'album:delete');
  await ask('upgraded', { bearer: bob }, { ticket: upgrade, rpt });
  const garbage = await fresh('a ticket for a bad upgrade', 'album:delete');
  await ask('garbage as RPT', { bearer: bob }, { ticket: garbage, rpt: 'garbage' });
  const toomuch = await fresh('a ticket for what is not allowed', 'album:delete', 'download');
  await ask('an upgrade by more than is allowed', { bearer: bob }, { ticket: toomuch, rpt, ...check });

  // Introspection
  const again = await fresh('a ticket for introspection', 'album:view');
  const live = await ask('an RPT to introspect', { bearer: bob }, { ticket: again });
  const liveRpt = text(live.access_token);
  const hint = 'requesting_party_token';
  const introspect = (name: string, auth: { basic?: string; bearer?: string }, form: Form) =>
    step(name, { path: INTROSPECT, ...auth, form });
  await introspect('by the resource server', { basic: RS }, { token: liveRpt, token_type_hint: hint });
  await introspect(
    'as authz-client writes it',
    { basic: RS },
    { token: liveRpt, token_type_hint: hint, grant_type: 'client_credentials' },
  );
  await introspect('without hint', { basic: RS }, { token: liveRpt });
  await introspect('by the requesting client', { basic: CLIENT }, { token: liveRpt, token_type_hint: hint });
  await introspect('by another resource server', { basic: SHORT }, { token: liveRpt, token_type_hint: hint });
  await introspect('an access token as RPT', { basic: RS }, { token: bob, token_type_hint: hint });
  await introspect('an access token', { basic: RS }, { token: bob });
  await introspect('a garbage token', { basic: RS }, { token: 'garbage', token_type_hint: hint });
  await introspect('a ticket as token', { basic: RS }, { token: again, token_type_hint: hint });
  await introspect('an unknown hint', { basic: RS }, { token: liveRpt, token_type_hint: 'nope' });
  await introspect('no token', { basic: RS }, { token_type_hint: hint });
  await introspect('by a PAT as Bearer', { bearer: alice }, { token: liveRpt, token_type_hint: hint });
  await introspect('by nobody', {}, { token: liveRpt, token_type_hint: hint });
  await introspect('with a wrong secret', { basic: 'photoz-restful-api:nope' }, { token: liveRpt });

  // Revoking
  const remove = (name: string, bearer: string, id: string) =>
    step(name, { method: 'DELETE', path: `${TICKETS}/${id}`, bearer });
  await remove('bob deletes what alice granted', bobAtRs, request);
  await remove('alice revokes', alice, request);
  await remove('alice revokes again', alice, request);
  await introspect('the RPT after its revocation', { basic: RS }, { token: liveRpt, token_type_hint: hint });
  await token('the RPT refreshed after its revocation', CLIENT, {
    grant_type: 'refresh_token',
    refresh_token: text(live.refresh_token),
  });
  const after = await fresh('a ticket after the revocation', 'album:view');
  await ask('refused after the revocation', { bearer: bob }, { ticket: after, ...check });
  await ask('filed after the revocation', { bearer: bob }, { ticket: after });
  const pending = await step('open request after the revocation', {
    path: `${TICKETS}?granted=false&requester=bob&resourceId=${holidays}&scopeId=album:view`,
    bearer: alice,
  });
  await decide('deny', alice, { id: text((pending.body as Members[])[0]?.id), granted: false });
  await ask('refused after the denial', { bearer: bob }, { ticket: after, ...check });
  await ask('asked anew after the denial', { bearer: bob }, { ticket: after });
  await decide('revoke by granted false', alice, { id: text(more.id), granted: false });

  // Policies of the owner
  const policy = (name: string, bearer: string, id: string, json: unknown) =>
    step(name, { path: `${POLICIES}/${id}`, bearer, json });
  const made = text(
    (
      await policy('a policy for jdoe', alice, holidays, {
        name: 'jdoe may view',
        description: 'set by alice',
        scopes: ['album:view'],
        users: ['jdoe'],
      })
    ).id,
  );
  await policy('a policy of the same name', alice, holidays, {
    name: 'jdoe may view',
    scopes: ['album:view'],
    users: ['bob'],
  });
  await policy('a policy without a name', alice, holidays, { scopes: ['album:view'], users: ['bob'] });
  await policy('a policy by the service account', service, holidays, {
    name: 'x',
    scopes: ['album:view'],
    users: ['bob'],
  });
  await policy('a policy with an unknown scope', alice, holidays, { name: 'x', scopes: ['nope'], users: ['bob'] });
  await policy('a policy with an unknown member', alice, holidays, { name: 'x', scopes: ['album:view'], foo: 1 });
  await policy('a policy for an unknown person', alice, holidays, {
    name: 'x',
    scopes: ['album:view'],
    users: ['nobody'],
  });
  await policy('a policy on one that is not owner-managed', alice, plain, {
    name: 'x',
    scopes: ['album:view'],
    users: ['bob'],
  });
  await policy('a policy on an unknown resource', alice, NOWHERE, { name: 'x', users: ['bob'] });
  await policy('a policy for a client', alice, holidays, {
    name: 'by client',
    scopes: ['download'],
    clients: ['UmaClient'],
  });
  await policy('a policy for a role', alice, family, { name: 'by role', scopes: ['download'], roles: ['user'] });
  await policy('a policy for an unknown role', alice, family, {
    name: 'by nobody',
    scopes: ['download'],
    roles: ['nope'],
  });
  await policy('a policy for an unknown group', alice, family, {
    name: 'by no group',
    scopes: ['download'],
    groups: ['/nope'],
  });
  await step('policies of a resource', { path: `${POLICIES}?resource=${holidays}&name=jdoe`, bearer: alice });
  await step('policies by the service account', { path: `${POLICIES}?resource=${holidays}`, bearer: service });
  await step('read a policy', { path: `${POLICIES}/${made}`, bearer: alice });
  const wish = { audience, permission: `${holidays}#album:view`, response_mode: 'decision' };
  await ask('jdoe by policy', { bearer: jdoe }, wish);
  await ask(
    'bob by client policy',
    { bearer: text(bobOther.access_token) },
    { ...wish, permission: `${holidays}#download` },
  );
  await ask('bob at a client that no policy names', { bearer: bob }, { ...wish, permission: `${holidays}#download` });
  await ask('bob by role policy', { bearer: bob }, { ...wish, permission: `${family}#download` });
  await step('update a policy', {
    method: 'PUT',
    path: `${POLICIES}/${made}`,
    bearer: alice,
    json: {
      id: made,
      name: 'jdoe may view',
      type: 'uma',
      scopes: ['download'],
      users: ['jdoe'],
      logic: 'POSITIVE',
      decisionStrategy: 'UNANIMOUS',
    },
  });
  await ask('jdoe by the policy as it was', { bearer: jdoe }, wish);
  await ask('jdoe by the policy as it is', { bearer: jdoe }, { ...wish, permission: `${holidays}#download` });
  await step('delete a policy', { method: 'DELETE', path: `${POLICIES}/${made}`, bearer: alice });
  await step('delete it again', { method: 'DELETE', path: `${POLICIES}/${made}`, bearer: alice });
  await step('read it afterwards', { path: `${POLICIES}/${made}`, bearer: alice });

  // Endings
  const ended = await ask('an RPT that will end', { bearer: bob }, { audience, permission: `${family}#download` });
  await step('revoke it (RFC 7009)', {
    path: '/protocol/openid-connect/revoke',
    basic: CLIENT,
    form: { token: text(ended.access_token) },
  });
  await introspect('after RFC 7009', { basic: RS }, { token: text(ended.access_token), token_type_hint: hint });
  await step('revoke garbage', { path: '/protocol/openid-connect/revoke', basic: CLIENT, form: { token: 'garbage' } });
  const session = await password('a session of bob', CLIENT, 'bob', 'openid');
  const ofSession = await ask(
    'an RPT of the session',
    { bearer: text(session.access_token) },
    { audience, permission: `${family}#download` },
  );
  await step('logout', {
    path: '/protocol/openid-connect/logout',
    basic: CLIENT,
    form: { refresh_token: text(session.refresh_token) },
  });
  await introspect(
    'an RPT after the logout',
    { basic: RS },
    { token: text(ofSession.access_token), token_type_hint: hint },
  );
  await ask('by a token after its logout', { bearer: text(session.access_token) }, { audience });
  // Sign-out of a browser, where nobody is signed in
  const leave = (name: string, query: Record<string, string>) =>
    step(name, { path: `/protocol/openid-connect/logout?${new URLSearchParams(query)}` });
  const back = 'http://127.0.0.1:9402/callback';
  const id_token_hint = text((await password('who signs out', CLIENT, 'bob', 'openid')).id_token);
  await leave('sign-out, back to the client by its id', { client_id: 'photoz-client', post_logout_redirect_uri: back });
  await leave('sign-out by ID Token, back to an address of others', {
    id_token_hint,
    post_logout_redirect_uri: 'https://other.example/',
  });
  await leave('sign-out, back to an address of nobody', { post_logout_redirect_uri: back });
  await leave('sign-out by garbage', { id_token_hint: 'garbage' });
  await leave('sign-out by ID Token, back to the client', {
    id_token_hint,
    post_logout_redirect_uri: back,
    state: 's',
  });
  const stays = text((await password('who signs out and stays', CLIENT, 'bob', 'openid')).id_token);
  await leave('sign-out by ID Token', { id_token_hint: stays });

  const lost = await ticketFor('a ticket for what is deleted', alice, on(family, 'album:view'));
  await step('delete the resource', { method: 'DELETE', path: item(family), bearer: alice });
  await ask('a ticket for a deleted resource', { bearer: jdoe }, { ticket: lost });

  // Lifetimes: tickets end with the PAT that made them
  const short = text((await password('a PAT of 3 seconds', SHORT, 'alice')).access_token);
  const brief = text(
    (
      await register('a resource at the short-lived server', short, {
        name: 'Brief',
        resource_scopes: ['album:view'],
        ownerManagedAccess: true,
      })
    )._id,
  );
  const expiring = await ticketFor('a ticket of 3 seconds', short, on(brief, 'album:view'));
  await until((Number(payloadOf(short)?.exp) + 1) * 1000);
  await ask('an expired ticket', { bearer: jdoe }, { ticket: expiring });
  await step('an expired PAT', { path: RESOURCES, bearer: short });
  return exchanges;
}

/** Waits for a moment (milliseconds since the epoch) that a token names. */
function until(moment: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - Date.now())));
}
