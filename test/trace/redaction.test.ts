import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientAuthentication, formPost, type HttpRequest, type HttpResponse } from '../../src/protocol/http.ts';
import { isSecretName, maskBody, maskHeader, maskText } from '../../src/protocol/secrets.ts';
import { RENDERERS } from '../../src/trace/renderers/index.ts';
import { exchangeBlock } from '../../src/trace/text.ts';
import { AS, answer, recorded } from './exchange.ts';

const SECRET = 'S3CRETS3CRETS3CRETS3CRETS3CRET';
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${part({ alg: 'RS256' })}.${part({ sub: 'bob', jti: SECRET })}.c2lnbmF0dXJlc2lnbmF0dXJl`;
const FORM = 'application/x-www-form-urlencoded';

const PLACES: Record<string, [request: Partial<HttpRequest>, response?: Partial<HttpResponse>]> = {
  'a Bearer token': [{ headers: { authorization: `Bearer ${SECRET}` } }],
  'a DPoP token and proof': [{ headers: { authorization: `DPoP ${SECRET}`, dpop: SECRET } }],
  'a bare Authorization value': [{ headers: { authorization: SECRET } }],
  'Basic credentials': [
    clientAuthentication({ id: 'c', secret: SECRET, method: 'client_secret_basic' }) as Partial<HttpRequest>,
  ],
  cookies: [
    { headers: { cookie: `a=1; session=${SECRET}` } },
    { headers: { 'set-cookie': `s=${SECRET}; Path=/\nt=${SECRET}` } },
  ],
  "AM's SSO header": [{ headers: { iplanetdirectorypro: SECRET } }, { body: `{"tokenId":"${SECRET}"}` }],
  'a form': [{ headers: { 'content-type': FORM }, body: `grant_type=password&password=${SECRET}&ticket=${SECRET}` }],
  'a form with an encoded name': [{ headers: { 'content-type': FORM }, body: `pass%77ord=${SECRET}` }],
  'a form without its type': [{ headers: {}, body: `a=1&client_secret=${SECRET}` }],
  'JSON that is sent as a form, as by -d': [{ headers: { 'content-type': FORM }, body: `{"password":"${SECRET}"}\n` }],
  'two JSON objects that are sent as a form': [
    { headers: { 'content-type': FORM }, body: `{"password":"a=${SECRET}"}\n{"x":"&"}` },
  ],
  'a sentence that is sent as a form': [{ headers: { 'content-type': FORM }, body: `Bearer ${SECRET}` }],
  'a query and a fragment': [{ url: `${AS}/claims?ticket=${SECRET}#access_token=${SECRET}` }],
  'an address in a query': [{ url: `${AS}/a?next=${encodeURIComponent(`https://c.example/cb?code=${SECRET}`)}` }],
  'a JSON member': [{}, { body: JSON.stringify({ access_token: SECRET, deep: [{ refresh_token: SECRET }] }) }],
  'a JSON array of tokens': [{}, { body: JSON.stringify({ tokens: 1, token: [SECRET] }) }],
  'JSON in JSON': [{}, { body: JSON.stringify({ log: JSON.stringify({ client_secret: SECRET }) }) }],
  'broken JSON': [{}, { body: `{"access_token":"a\\"${SECRET}", oops` }],
  'a UMA challenge': [{}, { headers: { 'www-authenticate': `UMA realm="x", as_uri="${AS}", ticket="${SECRET}"` } }],
  'a redirect': [{}, { headers: { location: `https://c.example/cb?code=${SECRET}&state=x` } }],
  'a sentence': [{}, { body: `no such token: Bearer ${SECRET}` }],
  'a JWT in a sentence': [{}, { body: `the token ${JWT} has expired` }],
  'a hidden field of a page': [{}, { body: `<form><input type="hidden" name="x" value="${SECRET}"></form>` }],
  'a place where it has no name, once it was seen': [
    { headers: { authorization: `Bearer ${SECRET}` }, url: `${AS}/tokens/${SECRET}` },
    { body: `gone: ${SECRET}` },
  ],
};

for (const [place, [request, response = {}]] of Object.entries(PLACES)) {
  test(`SEC: a secret in ${place} is in no format of a trace, nor in -vv`, async () => {
    const { trace, seen } = await recorded([
      [
        { method: 'POST', url: `${AS}/token`, headers: {}, ...request },
        { status: 200, headers: {}, body: '', ...response },
      ],
    ]);
    const texts = [
      ...RENDERERS.map((renderer) => renderer.render(trace)),
      ...seen.map((one) => exchangeBlock(one, false)),
    ];
    const basic = Buffer.from(`c:${SECRET}`).toString('base64');
    for (const text of texts)
      for (const secret of [SECRET, JWT, JWT.split('.')[2]!, basic]) assert.ok(!text.includes(secret), text);
  });
}

test('what is no secret stays readable', () => {
  const body = 'grant_type=password&scope=uma_protection&claim_token_format=x&token_type_hint=y';
  assert.equal(maskBody(body, FORM), body);
  const metadata = '{"token_endpoint":"https://as.example/token","token_endpoint_auth_methods_supported":["none"]}';
  assert.equal(maskBody(metadata, 'application/json'), metadata);
  const refusal = '{"error":{"code":"invalid_client"},"expires_in":3600,"token_type":"Bearer"}';
  assert.equal(maskBody(refusal, 'application/json'), refusal);
  assert.equal(maskText('https://c.example/cb?state=x&iss=y'), 'https://c.example/cb?state=x&iss=y');
  assert.equal(maskHeader('set-cookie', 's=1; Path=/; HttpOnly'), 's=…; Path=/; HttpOnly');
});

test('two tokens can be told apart by their ends, passwords by nothing', () => {
  assert.equal(maskText(`ticket=${'abcd'.repeat(8)}wxyz`), 'ticket=abcd…wxyz');
  assert.equal(maskText(`password=${'abcd'.repeat(8)}`), 'password=…');
});

test('a short password does not vanish from words where it is none', async () => {
  const { trace } = await recorded([
    [formPost(`${AS}/token`, { grant_type: 'password', password: 'password' }), answer(200, { access_token: SECRET })],
  ]);
  const [entry] = trace.entries;
  assert.ok(entry?.kind === 'exchange');
  assert.equal(entry.request.body, 'grant_type=password&password=…');
});

test('tokens are shown decoded, without signature and without ids that work as secrets', async () => {
  const { trace } = await recorded([
    [formPost(`${AS}/token`, { claim_token: JWT }), answer(200, { id_token: JWT.replace('bob', 'bob') })],
  ]);
  const [entry] = trace.entries;
  assert.ok(entry?.kind === 'exchange');
  assert.deepEqual(entry.tokens, [
    { place: 'request: claim_token', header: { alg: 'RS256' }, payload: { sub: 'bob', jti: 'S3CR…CRET' } },
  ]);
});

test('SEC: any secret under any secret name is masked in form and JSON', () => {
  const names = ['access_token', 'client_secret', 'password', 'ticket', 'rpt', 'pct', 'claim_token', 'code_verifier'];
  assert.ok(names.every(isSecretName));
  const secrets = fc.string({ minLength: 12, maxLength: 60 }).map((text) => `s3cr${text}t`);
  fc.assert(
    fc.property(fc.constantFrom(...names), secrets, (name, secret) => {
      const form = new URLSearchParams([
        ['a', 'b'],
        [name, secret],
      ]).toString();
      const encoded = new URLSearchParams([['', secret]]).toString().slice(1);
      assert.ok(!maskBody(form, FORM).includes(encoded));
      const json = JSON.stringify({ [name]: secret });
      assert.ok(!maskBody(json, 'application/json').includes(JSON.stringify(secret).slice(1, -1)));
    }),
  );
});
