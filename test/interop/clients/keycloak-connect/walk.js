// keycloak-connect as a resource server, and its grant manager's calls, against the server named by the first argument.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import Keycloak from 'keycloak-connect';
import { Browser } from '../../../../src/conformance/browser.ts';

const server = process.argv[2];
const realm = `${server}/realms/photoz`;
const keycloak = new Keycloak(
  {},
  {
    realm: 'photoz',
    'auth-server-url': server,
    resource: 'photoz-restful-api',
    credentials: { secret: 'secret' },
    'ssl-required': 'none',
    'bearer-only': false,
    'confidential-port': 0,
  },
);
const manager = keycloak.grantManager;

// A resource of alice's, and what bob may do with it
const post = async (path, bearer, body) => {
  const response = await fetch(realm + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
};
const aliceGrant = await manager.obtainDirectly('alice', 'password');
const alice = aliceGrant.access_token.token;
const resource = { name: 'Holidays', resource_scopes: ['view', 'download'], ownerManagedAccess: true };
const { _id } = await post('/authz/protection/resource_set', alice, resource);
await post('/authz/protection/permission/ticket', alice, {
  resource: _id,
  requesterName: 'bob',
  scopeName: 'view',
  granted: true,
});

// Grants
const bobGrant = await manager.obtainDirectly('bob', 'password');
assert.equal(bobGrant.access_token.content.preferred_username, 'bob');
assert.equal(bobGrant.id_token.content.typ, 'ID');
assert.ok(bobGrant.access_token.hasRealmRole('user'));
assert.equal(await manager.validateAccessToken(bobGrant.access_token), bobGrant.access_token);
assert.equal(await manager.validateAccessToken('garbage'), false);
assert.equal((await manager.userInfo(bobGrant.access_token)).preferred_username, 'bob');
assert.ok((await manager.validateGrant(bobGrant)).access_token);
const service = await manager.obtainFromClientCredentials();
assert.equal(service.access_token.content.azp, 'photoz-restful-api');
bobGrant.access_token.content.exp = 0;
const refreshed = await manager.ensureFreshness(bobGrant);
assert.equal(refreshed.access_token.content.preferred_username, 'bob');

// Its enforcer, in both modes
const app = express();
app.use(keycloak.middleware());
const ok = (_request, response) => response.json({ permissions: response.req.permissions ?? null });
app.get('/signed-in', keycloak.protect('realm:user'), ok);
app.get('/view', keycloak.enforcer('Holidays:view'), ok);
app.get('/download', keycloak.enforcer(['Holidays:view', 'Holidays:download']), ok);
app.get('/unknown', keycloak.enforcer('Nothing:view'), ok);
app.get('/claims', keycloak.enforcer('Holidays:view', { claims: () => ({ 'http.uri': ['/claims'] }) }), ok);
app.get('/token', keycloak.enforcer('Holidays:view', { response_mode: 'token' }), ok);
const listener = app.listen(0, '127.0.0.1');
await once(listener, 'listening');
const origin = `http://127.0.0.1:${listener.address().port}`;
const get = (path, token) =>
  fetch(origin + path, { redirect: 'manual', headers: token ? { authorization: `Bearer ${token}` } : {} });

const bob = refreshed.access_token.token;
const jdoe = (await manager.obtainDirectly('jdoe', 'password')).access_token.token;
assert.equal((await get('/signed-in', bob)).status, 200);
// Whoever is nobody is sent to sign in.
const login = new URL((await get('/signed-in', 'garbage')).headers.get('location'));
assert.equal(login.origin + login.pathname, `${realm}/protocol/openid-connect/auth`);
const seen = await get('/view', bob);
assert.equal(seen.status, 200);
assert.deepEqual(await seen.json(), { permissions: [{ rsid: _id, rsname: 'Holidays', scopes: ['view'] }] });
assert.equal((await get('/view', jdoe)).status, 403);
assert.equal((await get('/view')).status, 403);
assert.equal((await get('/download', bob)).status, 403);
assert.equal((await get('/unknown', bob)).status, 403);
assert.equal((await get('/claims', bob)).status, 200);
assert.equal((await get('/token', bob)).status, 200);
assert.equal((await get('/token', jdoe)).status, 403);

// An RPT as bearer is checked by its own permissions
const rpt = await new Promise((resolve, reject) => {
  const request = { headers: { authorization: `Bearer ${bob}` } };
  manager.checkPermissions({ audience: 'photoz-restful-api' }, request).then(resolve, reject);
});
assert.ok(rpt.access_token.hasPermission('Holidays', 'view'));
assert.equal((await get('/view', rpt.access_token.token)).status, 200);

// People who sign in at the server: the code flow, a page that asks whether somebody is, and where it sends them to sign out
const web = new Keycloak(
  { cookies: true },
  {
    realm: 'photoz',
    'auth-server-url': server,
    resource: 'photoz-client',
    credentials: { secret: 'password' },
    'ssl-required': 'none',
    'confidential-port': 0,
  },
);
const pages = express();
// Of a session only the address to come back to is needed.
pages.use((request, _response, next) => {
  request.session = sessions;
  request.cookies = Object.fromEntries(
    (request.headers.cookie ?? '').split('; ').map((pair) => {
      const [name, ...value] = pair.split('=');
      return [name, decodeURIComponent(value.join('='))];
    }),
  );
  next();
});
const sessions = { id: 'one' };
pages.use(web.middleware({ logout: '/logout' }));
pages.get('/asks-first', web.checkSso(), (request, response) => response.json({ who: who(request) }));
pages.get('/signed-in', web.protect(), (request, response) => response.json({ who: who(request) }));
const who = ({ kauth }) => kauth.grant?.access_token.content.preferred_username ?? 'nobody';
const site = pages.listen(0, '127.0.0.1');
await once(site, 'listening');
const home = `http://127.0.0.1:${site.address().port}`;
const visitor = new Browser(async ({ method, url, headers, body }) => {
  const response = await fetch(url, { method, redirect: 'manual', headers, body });
  const cookies = response.headers.getSetCookie();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    response: { body: await response.text(), cookies },
  };
});
const nowhere = () => false;
const visit = async (path) =>
  (await visitor.complete(home + path, nowhere, { person: { username: 'bob', password: 'password' } })).answer;
assert.equal((await visit('/asks-first')).response.body, '{"who":"nobody"}');
assert.equal((await visit('/signed-in')).response.body, '{"who":"bob"}');
assert.equal((await visit('/asks-first')).response.body, '{"who":"bob"}');
const leaving = await visitor.request({ method: 'GET', url: `${home}/logout` });
const logout = new URL(leaving.headers.location);
assert.equal(logout.origin + logout.pathname, `${realm}/protocol/openid-connect/logout`);
assert.equal(logout.searchParams.get('post_logout_redirect_uri'), `${home}/`);
const left = await visitor.follow({ method: 'GET', url: logout.href }, (url) => url.href === `${home}/`);
assert.ok(left.returned, left.answer.response.body);
assert.equal((await visit('/asks-first')).response.body, '{"who":"nobody"}');
assert.equal(web.accountUrl(), `${realm}/account`);
assert.equal((await web.getAccount(bob)).preferred_username, 'bob');

site.close();
listener.close();
console.log('done');
