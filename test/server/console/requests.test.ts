import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, start, testConfig } from '../http/harness.ts';
import { Visitor } from './visitor.ts';

let as: Harness;
before(async () => {
  as = await start({
    config: testConfig(({ people }) => {
      const [alice] = people;
      people.push({ ...alice!, sub: 'u-17', username: 'b0b', name: 'Bob Baker', email: 'b0b@example.com' });
      people.push({ ...alice!, sub: 'eve', username: 'eve', name: '<b>Eve</b>\u202e', email: 'eve@example.com' });
    }),
  });
});
after(() => as.server.close());

/** A new resource of hers that somebody asks for; the id of the request. */
const tokens = new Map<string, Promise<string>>();
function once(name: string, get: () => Promise<string>): Promise<string> {
  const found = tokens.get(name) ?? get();
  tokens.set(name, found);
  return found;
}
async function asked(name: string, party = 'bob', scopes = ['view', 'download'], owner = 'alice'): Promise<string> {
  const pat = await once(`pat ${owner}`, () => as.pat(owner));
  const claims = await once(`claims ${party}`, () => as.claimToken(party));
  const token = await once(`owner ${owner}`, () => as.ownerToken(owner));
  const resource = await as.register(pat, { name, resource_scopes: ['view', 'download', 'print'] });
  const { body } = await as.redeem(await as.ticket(pat, resource, scopes), claims);
  assert.equal(body.error, 'request_submitted');
  const list = await as.json('GET', '/owner/requests?limit=200', token);
  return list.body.requests.findLast((item: { resource_id: string }) => item.resource_id === resource).id;
}
const stored = async (id: string, owner = 'alice') =>
  (await as.json('GET', `/owner/requests/${id}`, await once(`owner ${owner}`, () => as.ownerToken(owner)))).body;
const policies = async (resource_id: string) =>
  (await as.json('GET', `/owner/policies?resource_id=${resource_id}`, await as.ownerToken())).body.policies;
const alice = async (path?: string) => {
  const visitor = new Visitor(as.server.issuer);
  await visitor.signIn('alice', path);
  return visitor;
};

describe('signing in at the console', () => {
  it('leads through the sign-in of the server, and back to the page', async () => {
    const visitor = new Visitor(as.server.issuer);
    await visitor.open('/console/requests?status=denied');
    assert.match(visitor.page.path, /^\/interaction\//);
    assert.match(visitor.page.text, /your shares/);
    await visitor.press(/Sign in/, { username: 'alice', password: 'wrong' });
    assert.equal(visitor.page.status, 401);
    await visitor.press(/Sign in/, { username: 'alice', password: 'password' });
    assert.equal(visitor.page.path, '/console/requests?status=denied');
    assert.match(visitor.page.text, /Alice Anders/);
  });

  it('whoever signed in for a client is signed in here, and the other way round', async () => {
    const visitor = await alice();
    const query = new URLSearchParams({
      client_id: 'UMA-Resource-Server',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1/callback',
      scope: 'openid',
    });
    await visitor.open(`/authorize?${query}`);
    assert.match(visitor.page.text, /Allow access\?/, 'consent at once, no password');
  });

  it('cancel leads to a page that says so', async () => {
    const visitor = new Visitor(as.server.issuer);
    await visitor.open('/console');
    await visitor.press(/Cancel/);
    assert.equal(visitor.page.status, 200);
    assert.match(visitor.page.text, /signed out/);
  });

  it('the sign-in leads nowhere else', async () => {
    for (const state of [
      'https://evil.example/',
      '//evil.example',
      '/console/../authorize',
      '/console/%2e%2e/token',
      '/token',
    ])
      assert.equal(
        (await (await alice()).open(`/console/signed-in?${new URLSearchParams({ state })}`)).path,
        '/console/requests',
      );
  });

  it('no token can be got with the client of the console', async () => {
    const answer = await as.post('/token', {
      grant_type: 'password',
      client_id: 'uma-console',
      username: 'alice',
      password: 'password',
      scope: 'uma_owner',
    });
    assert.equal(answer.body.error, 'unauthorized_client');
    const query = new URLSearchParams({
      client_id: 'uma-console',
      response_type: 'code',
      redirect_uri: `${as.server.issuer}/console/signed-in`,
    });
    assert.match(
      (await as.send(`/authorize?${query}`)).headers.get('location') ?? '',
      /error=invalid_request&error_description=requested\+response_type/,
    );
  });

  it('signing out ends it, also for pages that are open', async () => {
    const visitor = await alice();
    const before = visitor.page;
    await visitor.press(/Sign out/);
    assert.match(visitor.page.text, /You are signed out/);
    await visitor.open('/console');
    assert.match(visitor.page.path, /^\/interaction\//);
    await visitor.press(/Sign out/, {}, before);
    assert.equal(visitor.page.status, 401);
  });
});

describe('Shares > Requests', () => {
  it('who asks, for what, since when; Allow lets them have it', async () => {
    const id = await asked('Holiday');
    const visitor = await alice();
    assert.equal(visitor.page.path, '/console/requests');
    assert.match(visitor.page.text, /Bob Baker asks for Holiday bob · through Photo Viewer · asked just now/);
    await visitor.press(/Allow Bob Baker: Holiday/);
    assert.match(visitor.page.text, /Allowed\. Bob Baker may now use Holiday : ?view and download/);
    const request = await stored(id);
    assert.deepEqual([request.status, request.granted_scopes], ['approved', ['view', 'download']]);
    const pat = await as.pat();
    assert.ok(await as.rpt(pat, request.resource_id, ['download']));
  });

  it('only the scopes that stay ticked; with an end and a message', async () => {
    const id = await asked('Diary');
    const visitor = await alice();
    await visitor.press(/Allow Bob Baker: Diary/, { 'scope:download': '', until: '1d', message: ' see you ' });
    const request = await stored(id);
    assert.deepEqual([request.granted_scopes, request.message], [['view'], 'see you']);
    const [policy] = await policies(request.resource_id);
    assert.ok(Math.abs(policy.expires_at - Date.now() / 1000 - 86_400) < 60);
  });

  it('no scope ticked allows nothing', async () => {
    const id = await asked('Ledger');
    const visitor = await alice();
    await visitor.press(/Allow Bob Baker: Ledger/, { 'scope:download': '', 'scope:view': '' });
    assert.match(visitor.page.text, /Choose at least one permission/);
    assert.equal((await stored(id)).status, 'pending');
  });

  it('Deny with a message; it can be allowed later', async () => {
    const id = await asked('Letters');
    const visitor = await alice();
    await visitor.press(/Deny Bob Baker: Letters/, { message: 'not now' });
    assert.match(visitor.page.text, /Denied\. Bob Baker does not get Letters/);
    assert.deepEqual([(await stored(id)).status, (await stored(id)).message], ['denied', 'not now']);
    await visitor.open('/console/requests?status=denied');
    await visitor.press(/Allow Bob Baker: Letters/);
    assert.equal((await stored(id)).status, 'approved');
  });

  it('the same press again changes nothing, and the page says what is so', async () => {
    const id = await asked('Twice');
    const visitor = await alice();
    const before = visitor.page;
    await visitor.press(/Allow Bob Baker: Twice/, {}, before);
    await visitor.press(/Allow Bob Baker: Twice/, {}, before);
    assert.equal(visitor.page.status, 200);
    assert.match(visitor.page.text, /Allowed\. Bob Baker may now use Twice/);
    assert.equal((await policies((await stored(id)).resource_id)).length, 1);
    const history = await as.json('GET', '/owner/history?type=request_approved&limit=200', await as.ownerToken());
    assert.equal(
      history.body.history.filter((entry: { resource_name: string }) => entry.resource_name === 'Twice').length,
      1,
    );
  });

  it('a decision from another tab stands: what an old page asks for is not done', async () => {
    const id = await asked('Two tabs');
    const [first, second] = [await alice(), await alice()];
    await first.press(/Deny Bob Baker: Two tabs/);
    await second.press(/Allow Bob Baker: Two tabs/);
    assert.match(second.page.text, /Nothing was changed.*had been decided already\. It is: Denied/);
    const request = await stored(id);
    assert.equal(request.status, 'denied');
    assert.deepEqual(await policies(request.resource_id), []);
  });

  it('Allow and Deny at the same moment: one holds, and no share is left beside a denial', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await asked(`Race ${round}`);
      const [first, second] = [await alice(), await alice()];
      await Promise.all([
        first.press(new RegExp(`Deny Bob Baker: Race ${round}`)),
        second.press(new RegExp(`Allow Bob Baker: Race ${round}`)),
      ]);
      const { status, resource_id } = await stored(id);
      assert.equal((await policies(resource_id)).length, status === 'approved' ? 1 : 0, status);
    }
  });

  it('SEC-9700-21: without the token of the session nothing is done', async () => {
    const id = await asked('Forged');
    const visitor = await alice();
    const before = visitor.page;
    const other = new Visitor(as.server.issuer);
    await other.signIn('bob');
    const theirs = /name="csrf" value="([^"]+)"/.exec(other.page.html)![1]!;
    for (const csrf of ['', 'x', theirs]) {
      await visitor.press(/Allow Bob Baker: Forged/, { csrf }, before);
      assert.equal(visitor.page.status, 403);
      assert.match(visitor.page.text, /Nothing was changed/);
    }
    assert.equal((await stored(id)).status, 'pending');
  });

  it("ATK-15: another owner's request is not there", async () => {
    const id = await asked("Bob's own", 'alice', ['view'], 'bob');
    const visitor = await alice();
    assert.equal((await visitor.open(`/console/requests/${id}`)).status, 404);
    await visitor.open('/console/requests');
    const csrf = /name="csrf" value="([^"]+)"/.exec(visitor.page.html)![1]!;
    await visitor.send({
      method: 'POST',
      url: `${as.server.issuer}/console/requests/${id}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrf, action: 'allow', 'scope:view': 'yes' }).toString(),
    });
    assert.equal(visitor.page.status, 404);
    assert.equal((await stored(id, 'bob')).status, 'pending');
  });

  it('a user name that looks like another is flagged; names are text', async () => {
    await asked('Lookalike', 'b0b');
    await asked('Markup', 'eve');
    const { page } = await alice();
    assert.match(page.text, /Look twice: the name b0b looks like bob \(Bob Baker\)/);
    assert.match(page.html, /&lt;b&gt;Eve&lt;\/b&gt;/);
    assert.doesNotMatch(page.html, /<b>Eve|\u202e/);
  });

  it('pages of what waits, and the fragment for the script', async () => {
    const visitor = await alice();
    for (let at = 0; at < 21; at += 1) await asked(`Many ${at}`);
    await visitor.open('/console/requests');
    const first = [...visitor.page.html.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(first.length, 20);
    const more = /href="([^"]+after=[^"]+)"/.exec(visitor.page.html)![1]!.replaceAll('&amp;', '&');
    await visitor.open(more);
    const second = [...visitor.page.html.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id);
    assert.ok(second.length > 0 && second.every((id) => !first.includes(id)));
    await visitor.open('/console/requests/waiting');
    assert.doesNotMatch(visitor.page.html, /<html/);
    assert.ok(Number(visitor.page.headers['x-waiting']) > 20);
    const stranger = new Visitor(as.server.issuer);
    assert.equal((await stranger.open('/console/requests/waiting')).status, 401);
  });

  it('SEC-9700-21 ATK-25: no inline script, nothing foreign, no frame', async () => {
    const { page } = await alice();
    assert.match(
      page.headers['content-security-policy'] ?? '',
      /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(page.html, /<script(?![^>]* src="\/console\/live\.js")|\son\w+=|\sstyle=/);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.equal((await as.send('/console/live.js')).headers.get('content-type'), 'text/javascript; charset=utf-8');
  });
});
