import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Browser, formRequest } from '../../../../src/conformance/browser.ts';
import { formsOf } from '../../../../src/conformance/html.ts';
import { type RunningServer, startServer } from '../../../../src/server/start.ts';

const CALLBACK = 'http://127.0.0.1/callback';
const CLIENT = `Basic ${Buffer.from('photoz-client:password').toString('base64')}`;
const VERIFIER = 'v'.repeat(43);
const home = (url: URL) => url.href.startsWith(CALLBACK);

let server: RunningServer;
let at: string;
before(async () => {
  server = await startServer({ port: 0, layout: 'keycloak' });
  at = `${server.issuer}/protocol/openid-connect`;
});
after(() => server.close());

function browser(): Browser {
  return new Browser(async ({ method, url, headers, body }) => {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: headers as Record<string, string>,
      ...(body === undefined ? {} : { body: body as string }),
    });
    const cookies = response.headers.getSetCookie();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      response: { body: await response.text(), cookies },
    } as never;
  });
}

const authorization = (more: Record<string, string> = {}) =>
  `${at}/auth?${new URLSearchParams({
    client_id: 'photoz-client',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })}`;

async function token(form: Record<string, string>): Promise<Record<string, string>> {
  const answer = await fetch(`${at}/token`, {
    method: 'POST',
    headers: { authorization: CLIENT },
    body: new URLSearchParams(form),
  });
  return (await answer.json()) as Record<string, string>;
}

/** Signed in in a browser, and the client's tokens. */
async function signedIn(): Promise<{ visitor: Browser; tokens: Record<string, string> }> {
  const visitor = browser();
  const person = { username: 'bob', password: 'password' } as never;
  const { returned } = await visitor.complete(authorization(), home, { person });
  const code = returned?.searchParams.get('code') ?? '';
  const tokens = await token({
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  });
  assert.ok(tokens.id_token, JSON.stringify(tokens));
  return { visitor, tokens };
}

async function isSignedIn(visitor: Browser): Promise<boolean> {
  const { returned } = await visitor.follow({ method: 'GET', url: authorization({ prompt: 'none' }) }, home);
  const error = returned?.searchParams.get('error') ?? '';
  // A client of this computer has to ask each time (RFC 8252 8.6), but not who it is.
  assert.ok(['interaction_required', 'login_required'].includes(error), error);
  return error === 'interaction_required';
}

const leave = (visitor: Browser, query: Record<string, string>) =>
  visitor.request({ method: 'GET', url: `${at}/logout?${new URLSearchParams(query)}` });

test('a client sends a browser to sign out, by the ID Token: the sign-in ends and its tokens, and it comes back', async () => {
  const { visitor, tokens } = await signedIn();
  assert.equal(await isSignedIn(visitor), true);
  const answer = await leave(visitor, {
    id_token_hint: tokens.id_token!,
    post_logout_redirect_uri: CALLBACK,
    state: 'a&b',
  });
  assert.equal(answer.status, 302, answer.response.body);
  assert.equal(answer.headers.location, `${CALLBACK}?state=a%26b`);
  assert.equal(await isSignedIn(visitor), false);
  const refreshed = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token! });
  assert.equal(refreshed.error, 'invalid_grant');
  const userinfo = await fetch(`${at}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal(userinfo.status, 401);
  const again = await leave(visitor, { id_token_hint: tokens.id_token! });
  assert.deepEqual([again.status, /You are logged out/.test(again.response.body)], [200, true]);
});

test('without an ID Token of whoever is signed in, a page asks first, and no other site can answer it', async () => {
  const { visitor } = await signedIn();
  const others = await token({ grant_type: 'password', username: 'alice', password: 'password', scope: 'openid' });
  const back = { client_id: 'photoz-client', post_logout_redirect_uri: CALLBACK, state: 's' };
  for (const query of [{}, back, { ...back, id_token_hint: others.id_token! }]) {
    const asked = await leave(visitor, query);
    assert.deepEqual([asked.status, asked.headers.location], [200, undefined]);
    assert.match(asked.response.body, /Bob Baker/);
  }
  const posted = await visitor.request({
    method: 'POST',
    url: `${at}/logout`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...back, csrf: 'guess' }).toString(),
  });
  assert.match(posted.response.body, /<form/);
  assert.equal(await isSignedIn(visitor), true);

  const page = await leave(visitor, back);
  const [form] = formsOf(page.response.body, `${at}/logout`);
  const answer = await visitor.request(formRequest(form!, {}));
  assert.deepEqual([answer.status, answer.headers.location], [302, `${CALLBACK}?state=s`]);
  assert.equal(await isSignedIn(visitor), false);
});

test('nobody is sent to an address that is not the client’s, nor by a hint that this server did not sign', async () => {
  const { visitor, tokens } = await signedIn();
  const hint = { id_token_hint: tokens.id_token! };
  for (const [query, words] of [
    [{ ...hint, post_logout_redirect_uri: 'https://evil.example/' }, 'Invalid redirect uri'],
    [{ ...hint, post_logout_redirect_uri: 'javascript:alert(1)' }, 'Invalid redirect uri'],
    [{ post_logout_redirect_uri: CALLBACK }, 'Missing parameters: id_token_hint'],
    [{ client_id: 'nobody', post_logout_redirect_uri: CALLBACK }, 'Missing parameters: id_token_hint'],
    [{ id_token_hint: 'garbage' }, 'Invalid parameter: id_token_hint'],
    [{ id_token_hint: tokens.access_token! }, 'Invalid parameter: id_token_hint'],
    [{ ...hint, client_id: 'UmaClient' }, 'Invalid parameter: client_id'],
  ] as [Record<string, string>, string][]) {
    const answer = await leave(visitor, query);
    assert.deepEqual([answer.status, answer.headers.location], [400, undefined], words);
    assert.ok(answer.response.body.includes(words), answer.response.body);
  }
  assert.equal(await isSignedIn(visitor), true);
});

test('a realm file says where a browser may go after it: `+` is where it may after a sign-in', async () => {
  const client = (clientId: string, after?: string) => ({
    clientId,
    secret: 's',
    redirectUris: ['https://app.example/in'],
    ...(after === undefined ? {} : { attributes: { 'post.logout.redirect.uris': after } }),
  });
  const imported = {
    realm: 'r',
    userManagedAccessAllowed: true,
    clients: [
      client('absent'),
      client('plus', '+'),
      client('own', 'https://app.example/out##https://app.example/bye/*'),
      client('both', '+##https://app.example/out'),
      client('none', '-'),
    ],
  };
  const other = await startServer({ port: 0, layout: 'keycloak', imported });
  try {
    const goes = async (client_id: string, path: string) => {
      const query = new URLSearchParams({ client_id, post_logout_redirect_uri: `https://app.example${path}` });
      const url = `${other.issuer}/protocol/openid-connect/logout?${query}`;
      return (await fetch(url, { redirect: 'manual' })).status === 302;
    };
    const found: Record<string, boolean[]> = {};
    for (const id of ['absent', 'plus', 'own', 'both', 'none'])
      found[id] = [await goes(id, '/in'), await goes(id, '/out'), await goes(id, '/bye/x')];
    assert.deepEqual(found, {
      absent: [true, false, false],
      plus: [true, false, false],
      own: [false, true, true],
      both: [true, true, false],
      none: [false, false, false],
    });
  } finally {
    await other.close();
  }
});
