import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { walkthroughConfig } from '../../src/server/config/walkthrough.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';

const CALLBACK = 'http://127.0.0.1:7777/callback?a=1';
const GRANT = 'urn:ietf:params:oauth:grant-type:uma-ticket';

let server: RunningServer;
let pat: string;
let owner: string;
let resource: string;

before(async () => {
  const config = walkthroughConfig();
  config.settings.self_asserted_claims = ['country'];
  config.clients = config.clients.map((client) =>
    client.client_id === 'UmaClient' ? { ...client, claims_redirect_uris: [CALLBACK] } : client,
  );
  config.clients.push({ ...config.clients[0]!, client_id: 'NoReturn', claims_redirect_uris: [] });
  config.clients.push({
    ...config.clients[0]!,
    client_id: 'TwoReturns',
    claims_redirect_uris: [CALLBACK, 'http://127.0.0.1:7777/other'],
  });
  server = await startServer({ port: 0, config });
  pat = await token('UMA-Resource-Server:password', { username: 'alice', scope: 'uma_protection' });
  owner = await token(undefined, { username: 'alice', scope: 'uma_owner', client_id: 'uma-cli' });
  const created = await post('/resource_set', { name: 'Diary', resource_scopes: ['read'] }, pat);
  resource = ((await created.json()) as { _id: string })._id;
  await post(
    '/owner/policies',
    {
      resource_id: resource,
      effect: 'allow',
      scopes: ['read'],
      subject: { party: { iss: server.issuer, sub: 'bob' } },
      claims: [{ name: 'country', values: ['NZ'] }],
    },
    owner,
  );
});
after(() => server.close());

const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

async function token(client: string | undefined, form: Record<string, string>): Promise<string> {
  const response = await fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: client === undefined ? {} : basic(client),
    body: new URLSearchParams({ grant_type: 'password', password: 'password', ...form }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

const post = (path: string, body: unknown, bearer: string) =>
  fetch(server.issuer + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  });

async function newTicket(): Promise<string> {
  const response = await post('/permission', { resource_id: resource, resource_scopes: ['read'] }, pat);
  return ((await response.json()) as { ticket: string }).ticket;
}

async function redeem(
  form: Record<string, string>,
  client = 'UmaClient',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: basic(`${client}:password`),
    body: new URLSearchParams({ grant_type: GRANT, ...form }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A browser of one page at a time: keeps cookies, follows nothing by itself. */
function browser() {
  let cookies = '';
  let html = '';
  async function take(response: Response): Promise<Response> {
    const set = response.headers.get('set-cookie');
    if (set !== null) cookies = set.split(';')[0]!;
    html = await response.clone().text();
    return response;
  }
  const open = async (url: string) => take(await fetch(url, { redirect: 'manual', headers: { cookie: cookies } }));
  return {
    open,
    get html() {
      return html;
    },
    async submit(url: string, fields: Record<string, string>) {
      const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
      const body = new URLSearchParams({ csrf, ...fields });
      return take(await fetch(url, { method: 'POST', redirect: 'manual', headers: { cookie: cookies }, body }));
    },
  };
}

const claimsUrl = (parameters: Record<string, string>) => `${server.issuer}/claims?${new URLSearchParams(parameters)}`;

/** Bob goes all the way; the address that he is sent back to. */
async function visit(parameters: Record<string, string>, fields: Record<string, string>): Promise<URL> {
  const page = browser();
  const arrived = await page.open(claimsUrl({ client_id: 'UmaClient', ...parameters }));
  assert.equal(arrived.status, 303);
  const address = new URL(arrived.headers.get('location')!, server.issuer).href;
  await page.open(address);
  await page.submit(address, { action: 'sign-in', username: 'bob', password: 'password' });
  await page.open(address);
  const left = await page.submit(address, { action: 'agree', 'claim:country': 'NZ', ...fields });
  assert.equal(left.status, 303);
  return new URL(left.headers.get('location')!);
}

describe('claims interaction endpoint (UMA Grant 3.3.2, 3.3.3)', () => {
  it('GRANT-3.3.3-01 -02 -03 -04, GRANT-3.3.2-06, SEC-9207-03: comes back with a new ticket that carries the claims', async () => {
    const ticket = await newTicket();
    const first = await redeem({ ticket });
    assert.equal(first.body.error, 'need_info');
    assert.equal(first.body.redirect_user, `${server.issuer}/claims`, 'GRANT-3.3.6-12');
    const sent = String(first.body.ticket);
    const back = await visit({ ticket: sent, state: 'ö & =?', claims_redirect_uri: CALLBACK }, {});
    assert.deepEqual([...back.searchParams.keys()], ['a', 'ticket', 'state', 'iss']);
    assert.equal(back.searchParams.get('state'), 'ö & =?');
    assert.equal(back.searchParams.get('iss'), server.issuer);
    const returned = back.searchParams.get('ticket')!;
    assert.notEqual(returned, sent);
    const granted = await redeem({ ticket: returned });
    assert.equal(granted.status, 200);
    assert.equal('pct' in granted.body, false, 'GRANT-6.2-02: nobody agreed to a PCT');
    assert.equal((await redeem({ ticket: sent })).body.error, 'invalid_grant', 'GRANT-5.5-03, ATK-07');
  });

  it('GRANT-3.3.3-05, GRANT-3.3.1-07: with consent the RPT comes with a PCT, which spares the claims next time', async () => {
    const back = await visit({ ticket: await newTicket() }, { persist: 'yes' });
    const granted = await redeem({ ticket: back.searchParams.get('ticket')! });
    const pct = String(granted.body.pct);
    assert.match(pct, /^[\w-]{43}$/);
    assert.equal((await redeem({ ticket: await newTicket(), pct })).status, 200);
    assert.equal(
      (await redeem({ ticket: await newTicket(), pct }, 'NoReturn')).body.error,
      'need_info',
      'GRANT-5.2-05',
    );
  });

  it('ATK-05, ATK-25, SEC-9700-21: the page names client, resource server, owner and scopes, and cannot be framed', async () => {
    const page = browser();
    const arrived = await page.open(claimsUrl({ client_id: 'UmaClient', ticket: await newTicket() }));
    const shown = await page.open(new URL(arrived.headers.get('location')!, server.issuer).href);
    for (const word of ['Photo Viewer', 'Photo Album', 'Alice Anders', 'Diary', 'read'])
      assert.ok(page.html.includes(word), word);
    assert.match(shown.headers.get('content-security-policy')!, /frame-ancestors 'none'/);
    assert.equal(shown.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(shown.headers.get('access-control-allow-origin'), null, 'SEC-9700-19');
  });

  it('GRANT-5.1-01: a form without the token, or from another browser, is refused and changes nothing', async () => {
    const page = browser();
    const arrived = await page.open(claimsUrl({ client_id: 'UmaClient', ticket: await newTicket() }));
    const address = new URL(arrived.headers.get('location')!, server.issuer).href;
    await page.open(address);
    const signIn = { action: 'sign-in', username: 'bob', password: 'password' };
    assert.equal((await page.submit(address, { ...signIn, csrf: 'x' })).status, 400);
    assert.equal((await browser().submit(address, signIn)).status, 400);
    await page.open(address);
    assert.equal((await page.submit(address, { ...signIn, password: 'wrong' })).status, 401);
    assert.equal((await page.submit(address, signIn)).status, 303);
  });

  it('GRANT-3.3.3-09: no is access_denied by redirect, and a second answer is refused', async () => {
    const page = browser();
    const arrived = await page.open(claimsUrl({ client_id: 'UmaClient', ticket: await newTicket(), state: 's' }));
    const address = new URL(arrived.headers.get('location')!, server.issuer).href;
    await page.open(address);
    const left = await page.submit(address, { action: 'cancel' });
    const back = new URL(left.headers.get('location')!);
    assert.deepEqual(
      [back.searchParams.get('error'), back.searchParams.get('state'), back.searchParams.has('ticket')],
      ['access_denied', 's', false],
    );
    assert.equal((await page.submit(address, { action: 'cancel' })).status, 400);
  });

  it('GRANT-3.3.3-09: a used ticket is an error by redirect', async () => {
    const ticket = await newTicket();
    await redeem({ ticket });
    for (const bad of [ticket, 'unknown']) {
      const response = await browser().open(claimsUrl({ client_id: 'UmaClient', ticket: bad, state: 's' }));
      const back = new URL(response.headers.get('location')!);
      assert.deepEqual([back.origin, back.searchParams.get('error')], ['http://127.0.0.1:7777', 'invalid_request']);
    }
  });

  it('GRANT-3.3.2-03: the redirect URI may be left out exactly when one is registered', async () => {
    const statuses = await Promise.all(
      ['NoReturn', 'UmaClient', 'TwoReturns'].map(
        async (client_id) => (await browser().open(claimsUrl({ client_id, ticket: await newTicket() }))).status,
      ),
    );
    assert.deepEqual(statuses, [400, 303, 400]);
  });

  const variants = [
    'https://evil.example/',
    'http://127.0.0.1:7777/callback',
    'http://127.0.0.1:7777/callback/?a=1',
    'http://127.0.0.1:7778/callback?a=1',
    'http://127.0.0.1:7777/Callback?a=1',
    'http://127.0.0.1:7777/callback?a=1&b=2',
    'http://127.0.0.1:7777/c%61llback?a=1',
    'http://bob@127.0.0.1:7777/callback?a=1',
    'http://127.0.0.1:7777/callback?a=1#x',
    '/callback?a=1',
    'http://127.0.0.1/callback',
  ];
  for (const claims_redirect_uri of variants) {
    it(`GRANT-3.3.2-04 -05 -10 -11, GRANT-3.3.3-07 -08: ${claims_redirect_uri} gets a page, never a redirect`, async () => {
      const response = await browser().open(
        claimsUrl({ client_id: 'UmaClient', ticket: await newTicket(), claims_redirect_uri }),
      );
      assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
    });
  }

  it('GRANT-3.3.2-01, GRANT-3.3.3-07: an unknown or missing client gets a page', async () => {
    for (const client of [{}, { client_id: 'nobody' }]) {
      const response = await browser().open(claimsUrl({ ...client, ticket: 'x', claims_redirect_uri: CALLBACK }));
      assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
    }
  });

  it('ATK-09: a ticket that came back under a challenge needs the verifier, and one without a challenge refuses it', async () => {
    const verifier = 'v'.repeat(43);
    const code_challenge = createHash('sha256').update(verifier).digest('base64url');
    const protectedVisit = async () =>
      (await visit({ ticket: await newTicket(), code_challenge, code_challenge_method: 'S256' }, {})).searchParams.get(
        'ticket',
      )!;
    assert.equal((await redeem({ ticket: await protectedVisit() })).body.error, 'invalid_grant');
    assert.equal(
      (await redeem({ ticket: await protectedVisit(), code_verifier: 'w'.repeat(43) })).body.error,
      'invalid_grant',
    );
    assert.equal((await redeem({ ticket: await protectedVisit(), code_verifier: verifier })).status, 200);
    assert.equal((await redeem({ ticket: await newTicket(), code_verifier: verifier })).body.error, 'invalid_grant');
  });
});
