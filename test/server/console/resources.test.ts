import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, start, testConfig } from '../http/harness.ts';
import { Visitor } from './visitor.ts';

let as: Harness;
let pat: string;
let owner: string;
let claims: string;
before(async () => {
  as = await start({
    config: testConfig(({ people }) => {
      const [alice] = people;
      people.push({ ...alice!, sub: 'u-17', username: 'b0b', name: 'Robert Baker', email: 'b0b@example.com' });
      people.push({ ...alice!, sub: 'u-18', username: 'сhris', name: 'Another Chris', email: 'x@example.com' });
      people.find(({ username }) => username === 'jdoe')!.groups = ['family'];
    }),
  });
  [pat, owner, claims] = await Promise.all([as.pat(), as.ownerToken(), as.claimToken()]);
});
after(() => as.server.close());

const register = (name: string, more: object = {}) =>
  as.register(pat, { name, resource_scopes: ['view', 'download'], ...more });
const policies = async (id: string) => (await as.json('GET', `/owner/policies?resource_id=${id}`, owner)).body.policies;
const asks = async (id: string, scopes = ['view']) => await as.redeem(await as.ticket(pat, id, scopes), claims);
const addPolicy = async (policy: object) => (await as.json('POST', '/owner/policies', owner, policy)).body;
async function visitor(path: string, username = 'alice'): Promise<Visitor> {
  const made = new Visitor(as.server.issuer);
  await made.signIn(username, path);
  return made;
}

describe('Resources', () => {
  it('FED-3.2-05: user_access_policy_uri leads into the page of the resource, through the sign-in', async () => {
    const { body } = await as.json('POST', '/resource_set', pat, { name: 'Linked', resource_scopes: ['view'] });
    const page = await visitor(body.user_access_policy_uri);
    assert.equal(page.page.url, body.user_access_policy_uri);
    assert.match(page.page.text, /Linked.*kept at Photo Album.*Nobody but you/);
  });

  it('what is hers, and with whom it is shared', async () => {
    const id = await register('Listed');
    await as.allow(id);
    await register('Secret');
    const { page } = await visitor('/console/resources');
    assert.match(page.text, /Listed kept at Photo Album · registered just now Shared with Bob Baker/);
    assert.match(page.text, /Secret kept at Photo Album · registered just now Only you/);
  });

  it('shares with a person, through one client, with an end; the person gets an RPT', async () => {
    const id = await register('Shared');
    const alice = await visitor(`/console/resources/${id}`);
    await alice.press(/^Share$/, { username: 'jdoe', 'scope:view': 'yes', client: 'UmaClient', until: '7d' });
    assert.match(alice.page.text, /It is shared\./);
    assert.match(alice.page.text, /John Doe jdoe · only through Photo Viewer · ends in [67] days/);
    const [policy] = await policies(id);
    assert.deepEqual([policy.scopes, policy.clients, policy.subject.party.sub], [['view'], ['UmaClient'], 'jdoe']);
    const { status } = await as.redeem(await as.ticket(pat, id), await as.claimToken('jdoe'));
    assert.equal(status, 200);
  });

  it('the same form sent twice shares once', async () => {
    const id = await register('Once');
    const alice = await visitor(`/console/resources/${id}`);
    const { page } = alice;
    const fields = { username: 'jdoe', 'scope:view': 'yes' };
    await Promise.all([alice.press(/^Share$/, fields, page), alice.press(/^Share$/, fields, page)]);
    await alice.press(/^Share$/, fields, page);
    assert.match(alice.page.text, /had been shared already/);
    assert.equal((await policies(id)).length, 1);
  });

  it('an unknown name, herself, or no permission: the form says so, and keeps what was typed', async () => {
    const id = await register('Faulty');
    const alice = await visitor(`/console/resources/${id}`);
    await alice.press(/^Share$/, { username: '<nobody>', 'scope:view': 'yes' });
    assert.equal(alice.page.status, 400);
    assert.match(alice.page.text, /Nobody here has the user name “<nobody>”/);
    assert.match(alice.page.html, /value="&lt;nobody&gt;"/);
    assert.match(alice.page.html, /name="scope:view" value="yes" checked/);
    await alice.press(/^Share$/, { username: 'alice', 'scope:view': 'yes' });
    assert.match(alice.page.text, /It is yours already/);
    await alice.press(/^Share$/, { username: 'bob', 'scope:view': '' });
    assert.match(alice.page.text, /Choose at least one permission/);
    assert.deepEqual(await policies(id), []);
  });

  it('a name that looks like another is asked about before it is shared: b0b, and one with a Cyrillic letter', async () => {
    for (const [username, warning] of [
      ['b0b', /Look twice: the name b0b looks like bob \(Bob Baker\)/],
      ['сhris', /looks like chris \(Chris Carter\)/],
    ] as const) {
      const id = await register(`For ${username}`);
      const alice = await visitor(`/console/resources/${id}`);
      await alice.press(/^Share$/, { username, 'scope:view': 'yes' });
      assert.match(alice.page.text, warning);
      assert.deepEqual(await policies(id), []);
      await alice.press(/Yes, share with/);
      assert.match(alice.page.text, /It is shared/);
      assert.equal((await policies(id)).length, 1);
    }
  });

  it('stops one share: an RPT that was given is dead; a second press says that nothing was left', async () => {
    const id = await register('Stopped');
    await as.allow(id);
    const rpt = (await asks(id)).body.access_token;
    const alice = await visitor(`/console/resources/${id}`);
    const { page } = alice;
    await alice.press(/Stop sharing Bob Baker/, {}, page);
    assert.match(alice.page.text, /not shared any more/);
    assert.equal((await as.post('/introspect', { token: rpt }, pat)).body.active, false);
    await alice.press(/Stop sharing Bob Baker/, {}, page);
    assert.equal(alice.page.status, 200);
    assert.match(alice.page.text, /Nothing was changed/);
  });

  it('changes the end of a share', async () => {
    const id = await register('Ending');
    await as.allow(id);
    const alice = await visitor(`/console/resources/${id}`);
    await alice.press(/Save Bob Baker/, { until: '1h' });
    assert.match(alice.page.text, /The end was changed/);
    const [policy] = await policies(id);
    assert.ok(Math.abs(policy.expires_at - Date.now() / 1000 - 3600) < 60);
    await alice.press(/Save Bob Baker/, { until: 'never' });
    assert.equal((await policies(id))[0].expires_at, undefined);
  });

  it('stops all', async () => {
    const id = await register('Closed');
    await as.allow(id);
    await as.allow(id, 'jdoe');
    const alice = await visitor(`/console/resources/${id}`);
    await alice.press(/Yes, stop all/);
    assert.match(alice.page.text, /Nobody but you may use it now/);
    assert.deepEqual(await policies(id), []);
  });

  it('shows what no form makes: groups, addresses, anybody, claims, what is blocked and what has ended', async () => {
    const id = await register('All kinds');
    for (const policy of [
      { effect: 'allow', subject: { group: 'family' } },
      { effect: 'allow', subject: { email: 'x@example.com' }, expires_at: 1 },
      { effect: 'allow', subject: { anyone: true }, claims: [{ name: 'age', friendly_name: 'Your age' }] },
      { effect: 'deny', subject: { party: { iss: 'https://idp.example', sub: 'bob', name: 'Bob Baker' } } },
    ])
      await addPolicy({ resource_id: id, ...policy });
    const { page } = await visitor(`/console/resources/${id}`);
    for (const words of [
      /The group family all its members/,
      /x@example\.com whoever has this verified address · Ended/,
      /Anybody whoever meets the conditions · has to prove: Your age/,
      /Bob Baker bob at idp\.example .*Blocked/,
    ])
      assert.match(page.text, words);
  });

  it("ATK-15: another owner's resource, and a share of another resource, are not there", async () => {
    const mine = await register('Mine');
    await as.allow(mine);
    const bobs = await as.register(await as.pat('bob'), { name: 'Bobs', resource_scopes: ['view'] });
    const alice = await visitor(`/console/resources/${mine}`);
    const stop = alice.page;
    assert.equal((await alice.open(`/console/resources/${bobs}`)).status, 404);
    assert.doesNotMatch(alice.page.text, /Bobs/);
    const form = alice.form(/Stop sharing/, stop);
    const other = await register('Other');
    const body = new URLSearchParams(form.fields.map(({ name, value }): [string, string] => [name, value])).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await alice.send({ method: 'POST', url: form.action.replace(mine, other), headers, body });
    assert.match(alice.page.text, /Nothing was changed/);
    assert.equal((await policies(mine)).length, 1);
  });
});

describe('Shared with me', () => {
  it('what others share by name and by group; giving it up ends it for the owner too', async () => {
    const id = await register('For John');
    await as.allow(id, 'jdoe');
    await addPolicy({
      resource_id: await register('For the family'),
      effect: 'allow',
      subject: { group: 'family' },
      scopes: ['view'],
    });
    await addPolicy({
      resource_id: await register('Over'),
      effect: 'allow',
      subject: { group: 'family' },
      expires_at: 1,
    });
    const rpt = (await as.redeem(await as.ticket(pat, id), await as.claimToken('jdoe'))).body.access_token;
    const john = await visitor('/console/shared', 'jdoe');
    assert.match(john.page.text, /For John from Alice Anders · kept at Photo Album/);
    assert.match(
      john.page.text,
      /For the family from Alice Anders .*through a group of yours view Only its owner can end this/,
    );
    assert.doesNotMatch(john.page.text, /Over/);
    const { page } = john;
    await john.press(/Give up For John/, {}, page);
    assert.match(john.page.text, /You gave it up/);
    assert.deepEqual(await policies(id), []);
    assert.equal((await as.post('/introspect', { token: rpt }, pat)).body.active, false);
    await john.press(/Give up For John/, {}, page);
    assert.match(john.page.text, /Nothing was changed/);
    const { body } = await as.json('GET', '/owner/history?type=share_given_up', owner);
    assert.deepEqual([body.history[0].resource_name, body.history[0].party.sub], ['For John', 'jdoe']);
  });
});

describe('History', () => {
  it('newest first, by kind, by person, by resource; with an honest empty page', async () => {
    const id = await register('Told');
    await asks(id);
    await as.allow(id, 'jdoe');
    await as.allow(id);
    const rpt = (await asks(id)).body.access_token;
    const alice = await visitor(`/console/history?resource=${id}`);
    assert.doesNotMatch(alice.page.text, /Bob Baker used Told/);
    await as.post('/introspect', { token: rpt }, pat);
    await alice.open(`/console/history?resource=${id}`);
    for (const words of [
      /Photo Album registered Told/,
      /Bob Baker asked for Told : ?view through Photo Viewer/,
      /Bob Baker was given access to Told : ?view through Photo Viewer/,
      /Bob Baker used Told through Photo Viewer/,
      /You set what John Doe may do with Told/,
    ])
      assert.match(alice.page.text, words);
    assert.ok(alice.page.text.indexOf('was given access to Told') < alice.page.text.indexOf('asked for Told'));
    await alice.press(/^Show$/, { by: 'jdoe' });
    assert.match(alice.page.text, /what John Doe may do/);
    assert.doesNotMatch(alice.page.text, /Bob Baker asked/);
    await alice.open('/console/history?type=rpt_issued&by=jdoe');
    await alice.open(`/console/history?type=request_denied&resource=${id}`);
    assert.match(alice.page.text, /Nothing matches/);
    await alice.open('/console/history?by=nobody');
    assert.match(alice.page.text, /Nobody here has the user name “nobody”/);
  });

  it('pages', async () => {
    for (let at = 0; at < 60; at += 1) await register(`Paged ${at}`);
    const alice = await visitor('/console/history?type=resource_registered');
    assert.match(alice.page.text, /Paged 59/);
    assert.doesNotMatch(alice.page.text, /Paged 3 /);
    const more = /href="([^"]+after=[^"]+)"/.exec(alice.page.html)![1]!.replaceAll('&amp;', '&');
    await alice.open(more);
    assert.match(alice.page.text, /Paged 3 /);
    assert.match(more, /type=resource_registered/);
  });
});
