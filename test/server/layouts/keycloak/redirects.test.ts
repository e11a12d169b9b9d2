import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fits, readRedirects } from '../../../../src/server/layouts/keycloak/redirects.ts';
import { startServer } from '../../../../src/server/start.ts';

test('a pattern ends a path; what could fit another host is left out', () => {
  const leftOut: string[] = [];
  const written = ['https://a.example/cb', 'https://a.example/app/*', '/in/*', '/whole', '*', 'https://a.example*'];
  assert.deepEqual(
    readRedirects(written, 'https://root.example/', (uri) => leftOut.push(uri)),
    {
      whole: [
        'https://a.example/cb',
        'https://a.example/app/',
        'https://root.example/in/',
        'https://root.example/whole',
      ],
      beginnings: ['https://a.example/app/', 'https://root.example/in/'],
    },
  );
  assert.deepEqual(leftOut, ['*', 'https://a.example*']);
  assert.deepEqual(
    readRedirects(['/*'], undefined, () => undefined),
    { whole: [], beginnings: [] },
  );
});

test('a pattern fits its own host and what is beneath its path, nothing else', () => {
  const app = 'https://a.example/app/';
  for (const uri of ['https://a.example/app/', 'https://a.example/app/x/y?z=1']) assert.ok(fits(app, uri), uri);
  for (const uri of [
    'http://a.example/app/x',
    'https://a.example:8443/app/x',
    'https://a.example.evil/app/x',
    'https://b.example/app/x',
    'https://a.example/app/../admin',
    'https://a.example/app/%2e%2e/admin',
    'https://a.example/application',
    'https://user@a.example/app/x',
    'https://a.example/app/x#fragment',
    'https://a.example/app/x#',
    'javascript:alert(1)',
    'garbage',
  ])
    assert.ok(!fits(app, uri), uri);
  assert.ok(fits('http://127.0.0.1/', 'http://127.0.0.1:5555/x'), 'any port of loopback');
  assert.ok(!fits('http://127.0.0.1:80/app/', 'http://127.0.0.2:80/app/'));
});

test('the server sends nobody to an address that neither is one nor fits one of the client', async () => {
  const file = new URL('../../../interop/keycloak/photoz-realm.json', import.meta.url);
  const server = await startServer({ port: 0, layout: 'keycloak', imported: JSON.parse(readFileSync(file, 'utf8')) });
  const ask = async (client_id: string, redirect_uri: string) => {
    const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', scope: 'openid' });
    const url = `${server.issuer}/protocol/openid-connect/auth?${query}`;
    return fetch(url, { redirect: 'manual' });
  };
  try {
    assert.equal((await ask('photoz-client', 'http://127.0.0.1:5555/any/page?auth_callback=1')).status, 303);
    for (const [client, uri] of [
      ['photoz-client', 'http://evil.example/x'],
      ['photoz-client', 'http://127.0.0.1.evil.example/x'],
      // The resource server has one whole address.
      ['photoz-restful-api', 'http://127.0.0.1:5555/any/page'],
    ] as const) {
      const answer = await ask(client, uri);
      assert.equal(answer.status, 400, uri);
      assert.equal(answer.headers.get('location'), null);
    }
  } finally {
    await server.close();
  }
});
