// A layout changes paths, names, shapes and texts, never a decision: the house's rules, asked at AM's addresses.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, startServer } from '../../../../src/server/start.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';
const UMA_TICKET = 'urn:ietf:params:oauth:grant-type:uma-ticket';
const RESOURCE = 'ef4d750e-3831-483b-b395-c6f059b5e15d0';
const SHARED = '0d7790de-9066-4bb6-8e81-25b6f9d0b8853';
const PAT = '057ad16f-7dba-4049-9f34-e609d230d43a';
const API = { 'accept-api-version': 'resource=1.0' };

interface Answered {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  body: any;
}

describe('the forgerock layout keeps the decisions of the house', () => {
  let server: RunningServer;
  let alice: Record<string, string>;
  let bob: Record<string, string>;
  let claim_token: string;

  async function send(path: string, init: RequestInit = {}): Promise<Answered> {
    const response = await fetch(`${server.url}/openam${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
  const json = (method: string, path: string, headers: Record<string, string>, value?: unknown) =>
    send(path, { method, headers, ...(value === undefined ? {} : { body: JSON.stringify(value) }) });
  const token = (members: Record<string, string>) =>
    send('/oauth2/access_token', { method: 'POST', body: new URLSearchParams(members) });
  async function signIn(username: string, password: string): Promise<Record<string, string>> {
    const headers = { 'x-openam-username': username, 'x-openam-password': password };
    const { body } = await json('POST', '/json/authenticate', headers);
    return { ...API, iplanetdirectorypro: body.tokenId };
  }
  async function ticket(scopes = ['download'], resource_id = RESOURCE): Promise<string> {
    const headers = { authorization: `Bearer ${PAT}`, 'content-type': 'application/json' };
    const value = [{ resource_id, resource_scopes: scopes }];
    return (await json('POST', '/uma/permission_request', headers, value)).body.ticket;
  }
  const redeem = (value: string, more: Record<string, string> = {}) =>
    token({
      client_id: 'UmaClient',
      client_secret: 'password',
      grant_type: UMA_TICKET,
      ticket: value,
      claim_token,
      claim_token_format: ID_TOKEN,
      ...more,
    });
  const USERS = '/json/realms/root/users/alice';
  const PENDING = `${USERS}/uma/pendingrequests`;
  const POLICIES = `${USERS}/uma/policies`;
  const share = (id: string, permissions: unknown[], headers = alice) =>
    json('PUT', `${POLICIES}/${id}`, headers, { policyId: id, permissions });

  before(async () => {
    server = await startServer({ port: 0, layout: 'forgerock' });
    alice = await signIn('alice', 'Ch4ng31t');
    bob = await signIn('bob', 'password');
    const claims = await token({
      client_id: 'UmaClient',
      client_secret: 'password',
      grant_type: 'password',
      scope: 'openid',
      username: 'bob',
      password: 'password',
    });
    claim_token = claims.body.id_token;
  });
  after(() => server.close());

  test('one of twenty redemptions at once wins, in the dress of a JWT (GRANT-5.5-02)', async () => {
    await share(RESOURCE, [{ subject: 'bob', scopes: ['download'] }]);
    const value = await ticket();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(value)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 19 }, () => 400)]);
    await json('DELETE', `${POLICIES}/${RESOURCE}`, alice);
  });

  test('a ticket that was touched, or that comes without its dress, redeems nothing', async () => {
    const value = await ticket();
    const [header, payload, signature] = value.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const later = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 9999 })).toString('base64url');
    const none = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
    for (const forged of [
      claims.tid,
      `${header}.${later}.${signature}`,
      `${none}.${payload}.`,
      `${header}.${payload}.AAAA`,
      'x.y.z',
    ])
      assert.deepEqual([forged.length > 0, (await redeem(forged)).body.error], [true, 'invalid_grant']);
    assert.equal((await redeem(value)).body.error, 'request_submitted', 'the real one is still good');
    await json('POST', `${PENDING}?_action=denyAll`, alice);
  });

  test('a claim token of another issuer is not believed; without one, need_info with a ticket in the same dress', async () => {
    const [header, payload] = claim_token.split('.');
    const forged = `${header}.${payload}.${'A'.repeat(86)}`;
    const answer = await redeem(await ticket(['view']), { claim_token: forged });
    assert.deepEqual([answer.status, answer.body.error], [403, 'need_info']);
    assert.equal(answer.body.ticket.split('.').length, 3);
    assert.ok(answer.body.redirect_user.startsWith(`${server.url}/openam/uma/claims_gathering`));
  });

  test('the owner’s side takes the owner’s session and nothing else (DESIGN decision 13)', async () => {
    const owners = await token({
      client_id: 'UmaClient',
      client_secret: 'password',
      grant_type: 'password',
      scope: 'openid',
      username: 'alice',
      password: 'Ch4ng31t',
    });
    const calls: [string, string][] = [
      ['GET', `${PENDING}?_queryFilter=true`],
      ['GET', `${PENDING}/x`],
      ['POST', `${PENDING}/x?_action=approve`],
      ['POST', `${PENDING}?_action=approveAll`],
      ['GET', `${POLICIES}?_queryFilter=true`],
      ['GET', `${POLICIES}/${RESOURCE}`],
      ['PUT', `${POLICIES}/${RESOURCE}`],
      ['DELETE', `${POLICIES}/${RESOURCE}`],
      ['POST', `${POLICIES}?_action=create`],
      ['DELETE', `${USERS}/json/policies/${RESOURCE}`],
      ['GET', `${USERS}/oauth2/resources/labels?_queryFilter=true`],
      ['POST', `${USERS}/oauth2/resources/labels`],
      ['DELETE', `${USERS}/oauth2/resources/labels/x`],
      ['GET', `${USERS}/oauth2/resources/sets?_queryFilter=true`],
      ['PUT', `${USERS}/oauth2/resources/sets/${RESOURCE}`],
      ['POST', `${USERS}/oauth2/resources/sets?_action=revokeAll`],
      ['GET', `${USERS}/uma/auditHistory?_queryFilter=true`],
      ['POST', `${USERS}/uma/auditHistory?_action=getHistory`],
    ];
    const wrong: Record<string, Record<string, string>> = {
      nothing: API,
      'a PAT': { ...API, authorization: `Bearer ${PAT}` },
      'a PAT as session': { ...API, iplanetdirectorypro: PAT },
      'an access token as session': { ...API, iplanetdirectorypro: owners.body.access_token },
      'an RPT as session': { ...API, iplanetdirectorypro: 'Aw4a92ZoKsjadWKw2d4Rmcjv7DM' },
      'a cookie that a form of another site could send': { cookie: `iPlanetDirectoryPro=${alice.iplanetdirectorypro}` },
    };
    for (const [method, path] of calls) {
      for (const [what, headers] of Object.entries(wrong))
        assert.equal((await json(method, path, headers)).status, 401, `${method} ${path} with ${what}`);
      assert.equal((await json(method, path, bob)).status, 403, `${method} ${path} with somebody else's session`);
    }
    const cookie = { ...API, cookie: `iPlanetDirectoryPro=${alice.iplanetdirectorypro}` };
    assert.equal((await json('GET', `${PENDING}?_queryFilter=true`, cookie)).status, 200);
    const asPat = { authorization: `Bearer ${alice.iplanetdirectorypro}` };
    assert.equal((await json('GET', '/uma/resource_set', asPat)).status, 401, 'and a session is no PAT');
  });

  test('a session that was ended opens nothing', async () => {
    const session = await signIn('alice', 'Ch4ng31t');
    assert.equal((await json('POST', '/json/sessions?_action=validate', session)).body.valid, true);
    assert.deepEqual((await json('POST', '/json/sessions?_action=logout', session)).body, {
      result: 'Successfully logged out',
    });
    assert.equal((await json('POST', '/json/sessions?_action=validate', session)).body.valid, false);
    assert.equal((await json('GET', `${PENDING}?_queryFilter=true`, session)).status, 401);
  });

  test('approving grants the scopes of the body, within what the resource offers, and only those', async () => {
    await redeem(await ticket(['download'], SHARED));
    const [request] = (await json('GET', `${PENDING}?_queryFilter=user eq "bob"`, alice)).body.result;
    assert.equal(
      (await json('POST', `${PENDING}/${request._id}?_action=approve`, alice, { scopes: ['erase'] })).status,
      400,
    );
    assert.equal(
      (await json('POST', `${PENDING}/${request._id}?_action=approve`, alice, { scopes: 'view' })).status,
      400,
    );
    assert.equal((await json('POST', `${PENDING}/${request._id}?_action=nonsense`, alice)).status, 400);
    const approved = await json('POST', `${PENDING}/${request._id}?_action=approve`, alice, { scopes: ['comment'] });
    assert.deepEqual([approved.status, approved.body], [200, {}]);
    const policy = await json('GET', `${POLICIES}/${SHARED}`, alice);
    assert.deepEqual(policy.body.permissions, [{ subject: 'bob', scopes: ['comment'] }]);
    assert.equal((await redeem(await ticket(['download'], SHARED))).body.error, 'request_submitted');
    assert.equal((await redeem(await ticket(['comment'], SHARED))).status, 200);
    const again = (await json('GET', `${PENDING}?_queryFilter=true`, alice)).body.result[0];
    await json('POST', `${PENDING}/${again._id}?_action=approve`, alice);
    const both = await json('GET', `${POLICIES}/${SHARED}`, alice);
    assert.deepEqual(both.body.permissions, [{ subject: 'bob', scopes: ['comment', 'download'] }]);
  });

  test('an update takes away at once what it no longer says, RPTs too', async () => {
    const rpt = (await redeem(await ticket(['comment'], SHARED))).body.access_token;
    const introspect = () => send(`/oauth2/introspect?token=${rpt}`, { headers: { authorization: `Bearer ${PAT}` } });
    assert.equal((await introspect()).body.active, true);
    const left = await share(SHARED, [{ subject: 'chris', scopes: ['view'] }]);
    assert.deepEqual([left.status, left.body.permissions], [200, [{ subject: 'chris', scopes: ['view'] }]]);
    assert.deepEqual((await introspect()).body, { active: false });
    const shared = await json('GET', `${POLICIES}?_queryFilter=permissions/subject eq "bob"`, alice);
    assert.deepEqual(shared.body.result, []);
  });

  test('a policy about nobody, of somebody else’s resource or with a scope too many changes nothing', async () => {
    const before = (await json('GET', `${POLICIES}/${SHARED}`, alice)).body;
    const bad: [unknown[], string][] = [
      [[{ subject: 'nobody', scopes: ['view'] }], 'Invalid UMA policy permission. There is no user nobody.'],
      [[{ subject: ' ', scopes: ['view'] }], 'Subject cannot be a blank string'],
      [[{ subject: 'bob' }], "Invalid UMA policy permission. Missing required attribute, 'scopes'."],
      [
        [
          { subject: 'bob', scopes: ['view'] },
          { subject: 'chris', scopes: ['erase'] },
        ],
        'Scope, erase, is not one of',
      ],
    ];
    for (const [permissions, message] of bad) {
      const { status, body } = await share(SHARED, permissions);
      assert.equal(status, 400);
      assert.ok(body.message.startsWith(message), body.message);
    }
    assert.deepEqual((await json('GET', `${POLICIES}/${SHARED}`, alice)).body, before);
    assert.equal(
      (await json('POST', `${POLICIES}?_action=create`, alice, { policyId: SHARED, permissions: [] })).status,
      409,
    );
    const foreign = await json('PUT', `/json/users/bob/uma/policies/${SHARED}`, bob, {
      policyId: SHARED,
      permissions: [{ subject: 'bob', scopes: ['view'] }],
    });
    assert.deepEqual([foreign.status, foreign.body.message], [400, 'Invalid ResourceSet UID']);
    assert.equal(
      (await json('PUT', `${POLICIES}/nope`, { ...alice, 'if-match': '*' }, { policyId: 'nope', permissions: [] }))
        .status,
      400,
    );
  });

  test('what AM’s form cannot show goes on holding: a denial by the house survives an update here', async () => {
    const config = await (await import('../../../../src/server/layouts/index.ts')).layoutOf('forgerock');
    const own = config.fixture({}, '/openam/oauth2');
    own.policies = [
      { id: 'no', owner: 'alice', resource_id: SHARED, effect: 'deny', subject: { party: { local_sub: 'bob' } } },
      {
        id: 'foreign',
        owner: 'alice',
        resource_id: RESOURCE,
        effect: 'allow',
        scopes: ['view'],
        subject: { party: { iss: 'https://other.example', sub: 'bob' } },
      },
    ];
    const other = await startServer({ port: 0, layout: 'forgerock', config: own });
    try {
      const at = `${other.url}/openam`;
      const names = { 'x-openam-username': 'alice', 'x-openam-password': 'Ch4ng31t' };
      const signedIn = await fetch(`${at}/json/authenticate`, { method: 'POST', headers: names });
      const { tokenId } = (await signedIn.json()) as { tokenId: string };
      const headers = { ...API, iplanetdirectorypro: tokenId };
      const body = JSON.stringify({ policyId: SHARED, permissions: [{ subject: 'bob', scopes: ['view'] }] });
      assert.equal((await fetch(`${at}${POLICIES}/${SHARED}`, { method: 'PUT', headers, body })).status, 201);
      const foreign = await fetch(`${at}${POLICIES}/${RESOURCE}`, { headers });
      const { permissions } = (await foreign.json()) as { permissions: { subject: string }[] };
      assert.deepEqual(
        permissions.map(({ subject }) => subject),
        ['https://other.example#bob'],
        "another issuer's bob does not pass for this one's",
      );
      const members = { client_id: 'UmaClient', client_secret: 'password' };
      const post = async (path: string, form: Record<string, string>) =>
        (await fetch(at + path, { method: 'POST', body: new URLSearchParams(form) })).json() as Promise<
          Answered['body']
        >;
      const person = { grant_type: 'password', username: 'bob', password: 'password', scope: 'openid' };
      const claims = await post('/oauth2/access_token', { ...members, ...person });
      const pat = await post('/oauth2/access_token', {
        grant_type: 'password',
        username: 'alice',
        password: 'Ch4ng31t',
        scope: 'uma_protection',
        client_id: 'UMA-Resource-Server',
        client_secret: 'password',
      });
      const made = await fetch(`${at}/uma/permission_request`, {
        method: 'POST',
        headers: { authorization: `Bearer ${pat.access_token}`, 'content-type': 'application/json' },
        body: JSON.stringify([{ resource_id: SHARED, resource_scopes: ['view'] }]),
      });
      const answer = await post('/oauth2/access_token', {
        ...members,
        grant_type: UMA_TICKET,
        ticket: ((await made.json()) as { ticket: string }).ticket,
        claim_token: claims.id_token,
        claim_token_format: ID_TOKEN,
      });
      assert.notEqual(answer.access_token, 'string');
      assert.equal(answer.error, 'request_denied');
      const printed = await fetch(`${at}/uma/resource_set`, { headers: { authorization: `Bearer ${PAT}` } });
      assert.equal(printed.status, 401, 'tokens of the manual are not there beside an own configuration');
    } finally {
      await other.close();
    }
  });

  test('labels: own ones come and go, system ones stay, resources keep only what is left', async () => {
    const LABELS = `${USERS}/oauth2/resources/labels`;
    const SETS = `${USERS}/oauth2/resources/sets`;
    const label = (await json('POST', LABELS, alice, { name: 'Holidays/2026', type: 'USER' })).body;
    const star = (await json('POST', `${LABELS}?_action=create`, alice, { name: 'Best', type: 'STAR' })).body;
    assert.equal((await json('POST', LABELS, alice, { name: 'Best', type: 'STAR' })).status, 409);
    assert.equal((await json('POST', LABELS, alice, { name: 'Mine', type: 'SYSTEM' })).status, 400);
    const all = (await json('GET', `${LABELS}?_queryFilter=true&_sortKeys=name`, alice)).body.result;
    assert.deepEqual(
      all.map(({ name, type }: { name: string; type: string }) => [name, type]),
      [
        ['3D', 'SYSTEM'],
        ['Best', 'STAR'],
        ['Holidays/2026', 'USER'],
        ['UMA-Resource-Server', 'SYSTEM'],
        ['VIP', 'SYSTEM'],
      ],
    );
    assert.equal((await json('DELETE', `${LABELS}/${all[0]._id}`, alice)).status, 403);
    const put = await json('PUT', `${SETS}/${RESOURCE}`, alice, { labels: [label._id, star._id] });
    assert.deepEqual(put.body.labels, [label._id, star._id]);
    assert.equal((await json('PUT', `${SETS}/${RESOURCE}`, alice, { labels: ['nope'] })).status, 400);
    assert.deepEqual((await json('DELETE', `${LABELS}/${star._id}`, alice)).body, star);
    assert.equal((await json('DELETE', `${LABELS}/${star._id}`, alice)).status, 404);
    assert.deepEqual((await json('GET', `${SETS}/${RESOURCE}`, alice)).body.labels, [label._id]);
    const together = Array.from({ length: 10 }, (_, index) => json('POST', LABELS, alice, { name: `n${index}` }));
    assert.ok((await Promise.all(together)).every(({ status }) => status === 201));
    const many = await json('GET', `${LABELS}?_queryFilter=type eq "USER"`, alice);
    assert.equal(many.body.resultCount, 11, 'none of ten at once is lost');
  });

  test('shared with me: Bob sees Alice’s resource and his own entry only; revokeAll takes it', async () => {
    await share(SHARED, [
      { subject: 'bob', scopes: ['view'] },
      { subject: 'chris', scopes: ['view', 'comment'] },
    ]);
    const mine = '/json/users/bob/oauth2/resources/sets?_queryFilter=! resourceOwnerId eq "bob"';
    const { result } = (await json('GET', mine, bob)).body;
    assert.deepEqual(
      result.map(({ _id, resourceOwnerId, policy }: Answered['body']) => [_id, resourceOwnerId, policy.permissions]),
      [[SHARED, 'alice', [{ subject: 'bob', scopes: ['view'] }]]],
    );
    assert.deepEqual((await json('POST', `${USERS}/oauth2/resources/sets?_action=revokeAll`, alice)).body, {});
    assert.deepEqual((await json('GET', mine, bob)).body.result, []);
  });

  test('denyAll: the requests are gone, and the house’s denial holds', async () => {
    await redeem(await ticket(['view'], RESOURCE));
    assert.deepEqual((await json('POST', `${PENDING}?_action=denyAll`, alice)).body, {});
    assert.deepEqual((await json('GET', `${PENDING}?_queryFilter=true`, alice)).body.result, []);
    assert.equal((await redeem(await ticket(['view'], RESOURCE))).body.error, 'request_denied');
    const history = await json('POST', `${USERS}/uma/auditHistory?_action=getHistory&_pageSize=1`, alice);
    assert.deepEqual([history.body.result[0].type, history.body.resultCount], ['Authorisation_Request_Denied', 1]);
    assert.ok(history.body.remainingPagedResults > 0);
  });

  test('filters: what can be read is, what cannot is refused', async () => {
    const list = (filter: string) => json('GET', `${PENDING}?${new URLSearchParams({ _queryFilter: filter })}`, alice);
    await redeem(await ticket(['view'], '126615ba-b7fd-4660-b281-bae81aa45f7c0'));
    const counts = await Promise.all(
      ['true', 'false', '!(user eq "bob")', 'user eq "bob" and (resource eq "x" or /user eq bob)'].map(
        async (filter) => (await list(filter)).body.resultCount,
      ),
    );
    assert.deepEqual(counts, [1, 0, 0, 1]);
    for (const bad of ['', 'user eq', 'user co "b"', '(true', 'true)', 'user eq "a', '__proto__ eq "x"'])
      assert.ok((await list(bad)).status >= 400, bad);
    assert.equal((await json('GET', `${PENDING}?_queryFilter=true&_pageSize=-1`, alice)).status, 400);
    assert.equal((await json('GET', `${PENDING}?_queryFilter=true&_queryFilter=false`, alice)).status, 400);
  });
});
