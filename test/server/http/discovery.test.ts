import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metadata } from '../../../src/server/http/metadata.ts';
import { start } from './harness.ts';

const DOCUMENTS = ['uma2-configuration', 'oauth-authorization-server', 'openid-configuration'];

describe('metadata', () => {
  it('GRANT-2-01 GRANT-2-02 FED-1.5-01 FED-2-01 FED-2-02 FED-2-03: names every endpoint under the issuer', async () => {
    await using as = await start();
    for (const name of DOCUMENTS) {
      const { status, headers, body } = await as.send(`/.well-known/${name}`);
      assert.equal(status, 200);
      assert.match(headers.get('content-type') ?? '', /^application\/json/);
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.equal(body.issuer, as.server.issuer);
      for (const member of Object.keys(body).filter((key) => /_endpoint$|jwks_uri/.test(key)))
        assert.ok(body[member].startsWith(`${as.server.issuer}/`), member);
      for (const member of [
        'permission_endpoint',
        'resource_registration_endpoint',
        'introspection_endpoint',
        'token_endpoint',
      ])
        assert.equal(typeof body[member], 'string', member);
    }
  });

  it('GRANT-2-06 GRANT-2-07 GRANT-3.3.1-13: profiles are URIs, among them the owner API and the claim token format', async () => {
    await using as = await start();
    const { body } = await as.send('/.well-known/uma2-configuration');
    for (const profile of body.uma_profiles_supported) assert.ok(URL.canParse(profile), profile);
    assert.ok(body.uma_profiles_supported.includes('http://openid.net/specs/openid-connect-core-1_0.html#IDToken'));
    assert.equal(body.resource_owner_endpoint, `${as.server.issuer}/owner`);
  });

  it('SEC-8414-03 SEC-8414-04 SEC-8414-05 SEC-9700-08 SEC-9700-16: no empty array, the grants and methods that there are', () => {
    const document = metadata('https://as.example', { passwordGrant: false, signingAlg: 'ES256' });
    for (const [member, value] of Object.entries(document))
      assert.ok(!Array.isArray(value) || value.length > 0, member);
    assert.ok(document.grant_types_supported?.includes('urn:ietf:params:oauth:grant-type:uma-ticket'));
    assert.ok(!document.grant_types_supported?.includes('password'));
    assert.deepEqual(document.code_challenge_methods_supported, ['S256']);
    assert.ok(!(document.token_endpoint_auth_signing_alg_values_supported as string[]).includes('none'));
    assert.equal(document.registration_endpoint, undefined);
  });

  it('GRANT-2-03 Q1: an issuer with a path has its document appended and inserted, and works below its path', async () => {
    await using as = await start({ port: 0 });
    const port = new URL(as.server.url).port;
    await as.server.close();
    await using tenant = await start({ port: Number(port), issuer: `http://127.0.0.1:${port}/tenant1` });
    const { issuer } = tenant.server;
    const inserted = `http://127.0.0.1:${port}/.well-known/uma2-configuration/tenant1`;
    for (const url of [`${issuer}/.well-known/uma2-configuration`, inserted]) {
      const { status, body } = await tenant.send(url);
      assert.equal(status, 200, url);
      assert.equal(body.issuer, issuer);
    }
    const pat = await tenant.pat();
    const made = await tenant.json('POST', '/resource_set/', pat, { resource_scopes: ['view'] });
    assert.equal(made.headers.get('location'), `${issuer}/resource_set/${made.body._id}`);
    assert.equal((await tenant.json('GET', made.headers.get('location')!, pat)).status, 200);
    const { body: jwks } = await tenant.send('/jwks');
    assert.equal(jwks.keys[0].d, undefined);
    const wrong = await tenant.send(
      `/authorize?client_id=uma-cli&response_type=code&redirect_uri=http://127.0.0.1:1/callback&scope=openid&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`,
    );
    assert.equal(wrong.status, 303);
    assert.ok(wrong.headers.get('location')?.startsWith('/tenant1/interaction/'));
    assert.match(wrong.headers.get('set-cookie') ?? '', /path=\/tenant1\//);
  });

  it('the document says what oidc-provider would say of itself', async () => {
    await using as = await start();
    const { body } = await as.send('/.well-known/openid-configuration');
    const { body: api } = await as.send('/openapi.json');
    for (const path of [
      '/token',
      '/revoke',
      '/resource_set/',
      '/resource_set/{id}',
      '/permission',
      '/introspect',
      '/owner/requests',
    ])
      assert.ok(api.paths[path] ?? api.paths[path.replace(/\/$/, '')], path);
    for (const member of [
      'token_endpoint',
      'revocation_endpoint',
      'device_authorization_endpoint',
      'pushed_authorization_request_endpoint',
    ])
      assert.equal((await as.post(body[member], {})).status, 401, member);
    assert.notEqual((await as.send(body.authorization_endpoint)).status, 404);
    assert.equal((await as.send(body.userinfo_endpoint)).status, 401);
    assert.equal((await as.send(body.jwks_uri)).status, 200);
  });
});

describe('the Host header', () => {
  it('a foreign Host gets nothing but health (DNS rebinding)', async () => {
    await using as = await start();
    const { request } = await import('node:http');
    const ask = (path: string, host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request(`${as.server.url}${path}`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject).end();
      });
    assert.equal(await ask('/.well-known/uma2-configuration', 'evil.example'), 421);
    assert.equal(await ask('/jwks', 'evil.example'), 421);
    assert.equal(await ask('/health', 'evil.example'), 200);
    assert.equal(await ask('/jwks', new URL(as.server.issuer).host), 200);
  });
});
