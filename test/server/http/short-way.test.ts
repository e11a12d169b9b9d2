import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { UMA_TICKET_GRANT } from '../../../src/protocol/outcome.ts';
import type { Watcher } from '../../../src/server/operation/watcher.ts';
import { startServer } from '../../../src/server/start.ts';
import { KEYCLOAK_PATHS } from '../../../src/wire/keycloak.ts';
import { authorization, CLIENT, Harness, ID_TOKEN, OTHER_RS, RS, start } from './harness.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const realm = new URL('../../interop/keycloak/photoz-realm.json', import.meta.url);

/** A POST; `type` as it is sent. */
interface Case {
  path: string;
  type: string;
  body: string | (() => Promise<string>);
  headers?: Record<string, string>;
  status: number;
}

/** What differs from one request to the next. */
const CHANGING = new Set(['date', 'x-request-id', 'content-length', 'connection', 'keep-alive']);
const masked = (text: string) =>
  text.replace(/"(ticket|access_token|refresh_token|id_token|jti)":"[^"]*"/g, '"$1":"..."');

/** Short: as clients write the content type. Long: with a space less, which only Fastify's route knows. */
async function bothWays(as: Harness, { path, type, body, headers = {}, status }: Case): Promise<void> {
  const ask = async (contentType: string) => {
    const sent = typeof body === 'string' ? body : await body();
    const answer = await as.send(path, {
      method: 'POST',
      headers: { 'content-type': contentType, ...headers },
      body: sent,
    });
    const names = [...answer.headers].filter(([name]) => !CHANGING.has(name));
    assert.match(answer.headers.get('x-request-id') ?? '', /^[\w.:-]{8,64}$/);
    return { status: answer.status, headers: Object.fromEntries(names), text: masked(answer.text) };
  };
  const short = await ask(type);
  const what = `${path} ${Object.keys(headers)} ${typeof body === 'string' ? body.slice(0, 20) : ''}`;
  assert.equal(short.status, status, `${what}: ${short.text}`);
  assert.deepEqual(short, await ask(`${type};charset=utf-8`), what);
  assert.deepEqual(short, await ask(`${type}; charset=UTF-8`), what);
}

async function allBothWays(
  as: Harness,
  path: string,
  type: string,
  cases: readonly [body: Case['body'], credential: string | undefined, status: number][],
): Promise<void> {
  for (const [body, credential, status] of cases)
    await bothWays(as, { path, type, body, headers: authorization(credential), status });
}

/** One request as bytes, in pieces; the answer up to the end of the connection. */
async function raw(as: Harness, pieces: readonly string[]): Promise<string> {
  const { port, hostname } = new URL(as.server.issuer);
  const socket = connect(Number(port), hostname).setNoDelay();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'connect');
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  await once(socket, 'close');
  return text;
}

describe('the short way and the long one', () => {
  let as: Harness;
  let pat: string;
  let id: string;
  let rpt: string;
  before(async () => {
    as = await start();
    pat = await as.pat();
    id = await as.register(pat);
    await as.allow(id);
    rpt = await as.rpt(pat, id);
  });
  after(() => as.server.close());

  it('FED-5-01 FED-5-03: an introspection is answered the same', async () => {
    const other = await as.pat('alice', OTHER_RS);
    const cases: [string, string | undefined, number, Record<string, string>?][] = [
      [`token=${rpt}`, pat, 200],
      [`token=${rpt}&token_type_hint=requesting_party_token`, pat, 200],
      [`token=${rpt}`, RS, 200],
      [`token=${rpt}&client_id=UMA-Resource-Server&client_secret=password`, undefined, 200],
      [`token=${rpt}`, other, 200],
      [`token=${pat}`, pat, 200],
      ['token=nobody', pat, 200],
      ['token=%E2%82%AC', pat, 200],
      ['token=\u20ac', pat, 200],
      ['token=', pat, 400],
      ['a=b', pat, 400],
      [`token=${rpt}&token=${rpt}`, pat, 400],
      [`token=${rpt}`, undefined, 401],
      [`token=${rpt}`, 'wrong', 401],
      [`token=${rpt}`, CLIENT.replace('password', 'wrong'), 401],
      [`token=${rpt}`, rpt, 401],
      [`token=${rpt}`, pat, 401, { authorization: `DPoP ${pat}`, dpop: 'no.proof' }],
      [`token=${rpt}`, pat, 200, { 'x-request-id': 'request-1234' }],
      [`token=${rpt}`, pat, 200, { 'x-request-id': 'bad id' }],
      [`token=${'a'.repeat(30_000)}`, pat, 200],
      [`token=${'a'.repeat(70_000)}`, pat, 413],
    ];
    for (const [body, credential, status, headers = {}] of cases)
      await bothWays(as, {
        path: '/introspect',
        type: FORM,
        body,
        headers: { ...authorization(credential), ...headers },
        status,
      });
  });

  it('FED-4.1-01 FED-4.3-01: a permission request is answered the same', async () => {
    const text = JSON.stringify;
    const good = { resource_id: id, resource_scopes: ['view'] };
    const cases: [string, string | undefined, number][] = [
      [text(good), pat, 201],
      [text([good, good]), pat, 201],
      [text({ ...good, resource_scopes: [] }), pat, 201],
      [text({ ...good, resource_id: 'nope' }), pat, 400],
      [text({ ...good, resource_scopes: ['erase'] }), pat, 400],
      [text({ resource_id: id }), pat, 400],
      [text({ ...good, resource_scopes: 'view' }), pat, 400],
      ['[]', pat, 400],
      ['null', pat, 400],
      ['{', pat, 400],
      [`{"resource_id":"a","resource_id":"b","resource_scopes":[]}`, pat, 400],
      [text(good), await as.pat('alice', OTHER_RS), 400],
      [text(good), undefined, 401],
      [text(good), 'wrong', 401],
      ['{', 'wrong', 401],
      [text(good), await as.ownerToken(), 403],
    ];
    await allBothWays(as, '/permission', JSON_TYPE, cases);
  });

  it('GRANT-3.3.1-01: a token request is answered the same, whichever grant it is', async () => {
    const form = (members: Record<string, string>) => new URLSearchParams(members).toString();
    const claims = { claim_token: await as.claimToken(), claim_token_format: ID_TOKEN };
    const grant = async (more: Record<string, string>) =>
      form({ grant_type: UMA_TICKET_GRANT, ticket: await as.ticket(pat, id), ...more });
    const signIn = form({ grant_type: 'password', username: 'bob', password: 'password', scope: 'openid' });
    const cases: [string | (() => Promise<string>), string | undefined, number][] = [
      [() => grant(claims), CLIENT, 200],
      [() => grant({}), CLIENT, 403],
      [() => grant(claims), 'UmaClient:wrong', 401],
      [() => grant({ ...claims, scope: 'erase' }), CLIENT, 400],
      [() => grant(claims), RS, 400],
      [() => grant({ scope: 'a"b' }), CLIENT, 400],
      [signIn, CLIENT, 200],
      [form({ grant_type: 'client_credentials' }), CLIENT, 200],
      [form({ grant_type: 'urn:x' }), CLIENT, 400],
      ['grant_type=a&grant_type=b', CLIENT, 400],
      ['nonsense', CLIENT, 400],
      [signIn, undefined, 401],
    ];
    await allBothWays(as, '/token', FORM, cases);
  });

  it('a body in pieces is read whole; one that never comes, or comes under another name, harms nothing', async () => {
    const { host } = new URL(as.server.issuer);
    const head = (length: number, name = host) =>
      `POST /introspect HTTP/1.1\r\nHost: ${name}\r\nAuthorization: Bearer ${pat}\r\nContent-Type: ${FORM}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
    const body = `token=${rpt}`;
    const whole = head(body.length);
    const pieces = await raw(as, [whole.slice(0, 40), whole.slice(40), body.slice(0, 9), body.slice(9)]);
    assert.match(pieces, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(pieces, /"active":true/);
    assert.match(await raw(as, [head(body.length, 'evil.example'), body]), /^HTTP\/1\.1 421 /);
    const socket = connect(Number(new URL(as.server.issuer).port), '127.0.0.1');
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(`${whole}token=`, resolve));
    socket.resetAndDestroy();
    assert.equal((await as.post('/introspect', { token: rpt }, pat)).body.active, true);
    assert.deepEqual(as.logged, []);
  });

  it('a refused body leaves the connection open on the short way, which is how one can tell that it was taken', async () => {
    for (const [path, type, body] of [
      ['/introspect', FORM, 'a=b&a=b'],
      ['/permission', JSON_TYPE, '{'],
    ] as const)
      for (const [suffix, kept] of [
        ['', true],
        [';charset=utf-8', false],
      ] as const) {
        const headers = { 'content-type': type + suffix, ...authorization(pat) };
        const answer = await as.send(path, { method: 'POST', headers, body });
        assert.equal(answer.status, 400);
        assert.equal(answer.headers.get('connection') !== 'close', kept, path);
      }
  });

  it('what nobody expected is 500 and goes to the log, on both', async () => {
    const broken: Watcher = {
      authority: (authority) => ({ ...authority, introspect: () => Promise.reject(new Error('of the test')) }),
    };
    await using faulty = await start({ watchers: [broken] });
    const headers = authorization(await faulty.pat());
    await bothWays(faulty, { path: '/introspect', type: FORM, body: 'token=a', headers, status: 500 });
    assert.deepEqual(
      faulty.logged.map((entry) => String((entry as unknown[])[0])),
      Array(3).fill('POST /introspect failed'),
    );
  });

  it('keycloak layout: permission and introspection are answered the same', async () => {
    const imported = JSON.parse(readFileSync(realm, 'utf8'));
    await using kc = new Harness(await startServer({ port: 0, layout: 'keycloak', imported }), []);
    const rs = 'photoz-restful-api:secret';
    const signIn = async (username: string, client: string) =>
      (await kc.post(KEYCLOAK_PATHS.token, { grant_type: 'password', username, password: 'password' }, client)).body
        .access_token as string;
    const [alice, bob] = [await signIn('alice', rs), await signIn('bob', 'photoz-client:password')];
    const resource = { name: 'Photo', resource_scopes: ['view'], ownerManagedAccess: true };
    const { _id: resource_id } = (await kc.json('POST', KEYCLOAK_PATHS.resources, alice, resource)).body;
    const share = { resource: resource_id, requesterName: 'bob', scopeName: 'view', granted: true };
    assert.equal((await kc.json('POST', `${KEYCLOAK_PATHS.protection}/permission/ticket`, alice, share)).status, 200);
    const permission = JSON.stringify([{ resource_id, resource_scopes: ['view'] }]);
    const permissions: [string, string | undefined, number][] = [
      [permission, alice, 201],
      ['[{"resource_id":"Photo"}]', alice, 201],
      ['[{"resource_id":"nope"}]', alice, 400],
      ['[]', alice, 400],
      ['{}', alice, 400],
      ['{', alice, 400],
      ['[{"resource_id":"a","other":1}]', alice, 400],
      [permission, bob, 403],
      [permission, undefined, 403],
      ['{', undefined, 400],
    ];
    await allBothWays(kc, KEYCLOAK_PATHS.permission, JSON_TYPE, permissions);

    const { ticket } = (await kc.json('POST', KEYCLOAK_PATHS.permission, alice, permission)).body;
    const grant = { grant_type: UMA_TICKET_GRANT, ticket };
    const known = (await kc.send(KEYCLOAK_PATHS.token, post(grant, bob))).body.access_token as string;
    const hint = 'token_type_hint=requesting_party_token';
    const introspections: [string, string | undefined, number][] = [
      [`token=${known}&${hint}`, rs, 200],
      [`token=${known}`, rs, 200],
      [`token=${known}&${hint}&client_id=photoz-restful-api&client_secret=secret`, undefined, 200],
      [`token=${bob}`, rs, 200],
      [`token=nobody`, rs, 200],
      [`token=${known}`, 'photoz-restful-api:wrong', 401],
      [`token=${known}`, 'nobody:secret', 401],
      [`token=${known}`, alice, 401],
      [`token=${known}`, undefined, 401],
      [`token=${known}&client_id=photoz-html5-client`, undefined, 401],
      [`token=${known}&token=${known}`, rs, 400],
      [`token=${known}&token_type_hint=x`, rs, 400],
      ['token=', rs, 400],
    ];
    await allBothWays(kc, KEYCLOAK_PATHS.introspection, FORM, introspections);
  });
});

const post = (form: Record<string, string>, credential: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': FORM, ...authorization(credential) },
  body: new URLSearchParams(form).toString(),
});
