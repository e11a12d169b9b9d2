// The ForgeRock dialect against the documents' printed answers, a scripted AM with its own ways, and the forgerock layout.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { httpSend } from '../../../src/adapters/http.ts';
import { Connection } from '../../../src/client/connection.ts';
import type { ForgerockOwnerApi } from '../../../src/client/dialects/forgerock/owner.ts';
import { forgerock } from '../../../src/client/dialects/forgerock.ts';
import { dialectOf } from '../../../src/client/dialects/index.ts';
import { claimTokenOf } from '../../../src/client/requesting-party.ts';
import { type OwnerApi, ownerApi, ownerTokenOf } from '../../../src/client/resource-owner.ts';
import { patOf, ResourceServer } from '../../../src/client/resource-server.ts';
import { obtain } from '../../../src/client/tokens.ts';
import { UmaError } from '../../../src/protocol/errors.ts';
import type { HttpRequest } from '../../../src/protocol/http.ts';
import { type RunningServer, startServer } from '../../../src/server/start.ts';
import { FORGEROCK_AUDIT_TYPES } from '../../../src/wire/forgerock.ts';
import { runUma } from '../../commands/uma.ts';
import { type Example, example } from '../../wire/forgerock-examples.ts';
import { memoryCache, script } from '../script.ts';

const AM = 'https://am.example.com:8443/am';
const ALPHA = '/realms/root/realms/alpha';
const ISSUER = `${AM}/oauth2${ALPHA}`;
const RS = { id: 'UMA-Resource-Server', secret: 'password', method: 'client_secret_basic' } as const;
const NOBODY = { id: '', method: 'none' } as const;
const person = (name: string, password: string) => ({ name, password: async () => password });
const quiet = () => {};

const answered = (name: string, request: Partial<HttpRequest> = {}) => {
  const { status, body } = example(name);
  return {
    request: { method: 'POST' as const, url: `${AM}/x`, headers: {}, ...request },
    response: { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  };
};

test('recognised by the token endpoint, in every realm; the rest is left to others', () => {
  for (const path of ['', '/realms/root', ALPHA]) {
    const metadata = { issuer: ISSUER, token_endpoint: `https://sso.example/openam/oauth2${path}/access_token` };
    assert.equal(dialectOf('auto', metadata).name, 'forgerock');
    assert.match(forgerock.recognises(metadata) ?? '', /AM/);
  }
  for (const token_endpoint of ['https://as.example/oauth2/token', 'https://as.example/access_token', undefined])
    assert.equal(forgerock.recognises({ issuer: ISSUER, ...(token_endpoint && { token_endpoint }) }), undefined);
});

test('endpoints follow from the realm of the issuer or of the token endpoint; what is known otherwise wins', () => {
  const alpha = forgerock.complete({ issuer: ISSUER });
  assert.equal(alpha.token_endpoint, `${AM}/oauth2${ALPHA}/access_token`);
  assert.equal(alpha.permission_endpoint, `${AM}/uma${ALPHA}/permission_request`);
  assert.equal(alpha.resource_registration_endpoint, `${AM}/uma${ALPHA}/resource_set`);
  assert.equal(alpha.introspection_endpoint, `${AM}/oauth2${ALPHA}/introspect`);
  assert.equal(alpha.resource_owner_endpoint, `${AM}/json${ALPHA}`);
  assert.equal(forgerock.complete({ issuer: AM }).permission_endpoint, `${AM}/uma/permission_request`);
  const behind = { issuer: 'https://proxy.example/login', token_endpoint: `${AM}/oauth2/access_token` };
  assert.equal(forgerock.complete(behind).resource_owner_endpoint, `${AM}/json`);
  const given = 'https://elsewhere.example/permission';
  assert.equal(forgerock.complete({ issuer: ISSUER, permission_endpoint: given }).permission_endpoint, given);
});

test('with the dialect named, AM needs no discovery: its UMA document does not stand at the issuer', async () => {
  const peer = script(() => ({ ...example('ticket'), status: 201 }));
  const connection = new Connection({ issuer: ISSUER, send: peer.send, dialect: 'forgerock' });
  const server = new ResourceServer(connection, RS, { given: 'pat' }, 'the PAT');
  await server.ticket([{ resource_id: 'r', resource_scopes: ['view'] }]);
  assert.deepEqual(
    peer.requests.map(({ method, url }) => `${method} ${url}`),
    [`POST ${AM}/uma${ALPHA}/permission_request`],
  );
  assert.deepEqual(JSON.parse(peer.requests[0]?.body ?? ''), [{ resource_id: 'r', resource_scopes: ['view'] }]);
});

test('the printed answers are read: PAT, claim token, ticket, refusal, RPT, introspection', () => {
  const { tokens, protection, grant } = forgerock;
  assert.equal(tokens.readToken(answered('pat'), '', quiet).expires_in, 3599);
  assert.equal(typeof tokens.readToken(answered('claims'), '', quiet).id_token, 'string');
  assert.equal(protection.readTicket(answered('ticket'), quiet), example('ticket').body.ticket);
  assert.deepEqual(protection.readResource(answered('resource'), quiet).labels, ['3D', 'VIP']);
  assert.equal(protection.unknownResource(answered('resource_not_found')), true);
  const refused = grant.read(answered('refused'), { ticket: 'sent' }, quiet);
  assert.equal(refused.kind, 'request_submitted');
  assert.equal(grant.read(answered('rpt'), { ticket: 'sent' }, quiet).kind, 'granted');
  assert.throws(() => grant.read(answered('used_ticket'), { ticket: 'sent' }, quiet), { code: 'invalid_grant' });
  const { permissions } = protection.readIntrospection(answered('introspection'), quiet);
  assert.deepEqual(permissions?.[0]?.resource_scopes, ['download']);
});

/** AM as a script: a cookie of its own name, and answers by path. */
function scriptedAm(answers: Record<string, Partial<Example>>, cookieName = 'mySSO') {
  return script(({ method, url }) => {
    const { pathname } = new URL(url);
    const path = pathname.slice(`/am/json${ALPHA}`.length);
    if (path === '/serverinfo/*') return { body: { cookieName } };
    if (path === '/users') return { body: { id: 'alice', realm: '/alpha' } };
    return answers[`${method} ${path}`] ?? answers[path];
  });
}
const USER = '/users/alice';

describe('the owner’s side of a scripted AM', () => {
  const open = async (peer: ReturnType<typeof script>) =>
    (await ownerApi(new Connection({ issuer: ISSUER, send: peer.send, dialect: 'forgerock' }), {
      given: 'AQIC5wM2LY4S…Q4MTE4NTA2*',
    })) as ForgerockOwnerApi;
  const list = (result: unknown[]) => ({ body: { result, resultCount: result.length } });
  const set = (_id: string, name: string) => ({ _id, name, scopes: ['view'], resourceServer: 'rs', labels: [] });
  const pending = example('pending_list').body.result[0];

  test('the session goes in the header that the server names, as the bytes of the token', async () => {
    const peer = scriptedAm({ [`${USER}/uma/policies`]: example('policy_list') });
    await (await open(peer)).policies();
    const { headers, url } = peer.requests.at(-1)!;
    assert.equal(Buffer.from(headers.mysso ?? '', 'latin1').toString('utf8'), 'AQIC5wM2LY4S…Q4MTE4NTA2*');
    assert.equal(headers['accept-api-version'], 'resource=1.0');
    assert.equal(headers.authorization, undefined);
    assert.equal(new URL(url).searchParams.get('_queryFilter'), 'true');
    await (await open(peer)).policies();
    assert.equal(peer.requests.filter((request) => request.url.endsWith('/serverinfo/*')).length, 2, 'once an API');
  });

  test('a cookie name that could not be a header is a fault of the server', async () => {
    const peer = scriptedAm({}, 'a b\r\nx: y');
    await assert.rejects((await open(peer)).policies(), { code: 'invalid_owner_answer', category: 'peer' });
  });

  test('a request says its time in seconds, whether AM sends seconds or milliseconds', async () => {
    for (const when of [1522334692, 1522334692000]) {
      const peer = scriptedAm({
        [`${USER}/uma/pendingrequests`]: list([{ ...pending, when }]),
        [`${USER}/oauth2/resources/sets`]: list([set('r1', 'Photo Album'), set('r2', 'Other')]),
      });
      const [request] = await (await open(peer)).requests({ status: 'pending' });
      assert.equal(request?.created_at, 1522334692);
      assert.deepEqual([request?.resource_id, request?.party], ['r1', { iss: ISSUER, sub: 'bob' }]);
    }
  });

  test('two resources of one name: the request shows the name, and no id is guessed', async () => {
    const peer = scriptedAm({
      [`${USER}/uma/pendingrequests`]: list([pending]),
      [`${USER}/oauth2/resources/sets`]: list([set('r1', 'Photo Album'), set('r2', 'Photo Album')]),
    });
    const [request] = await (await open(peer)).requests();
    assert.deepEqual([request?.resource_id, request?.resource_name], ['Photo Album', 'Photo Album']);
    assert.deepEqual(await (await open(peer)).requests({ status: 'denied' }), []);
  });

  test('approving sends the scopes, those asked for where none are chosen', async () => {
    for (const [chosen, sent] of [
      [undefined, ['download']],
      [['view'], ['view']],
    ] as const) {
      const peer = scriptedAm({
        [`GET ${USER}/uma/pendingrequests/q`]: { body: { ...pending, _id: 'q' } },
        [`POST ${USER}/uma/pendingrequests/q`]: { body: {} },
        [`${USER}/oauth2/resources/sets`]: list([]),
      });
      const approved = await (await open(peer)).approve('q', chosen === undefined ? {} : { scopes: [...chosen] });
      const { url, body } = peer.requests.at(-1)!;
      assert.equal(new URL(url).searchParams.get('_action'), 'approve');
      assert.deepEqual([JSON.parse(body ?? ''), approved.granted_scopes], [{ scopes: sent }, sent]);
    }
  });

  test('errors carry AM’s own words', async () => {
    const peer = scriptedAm({ [`${USER}/uma/pendingrequests/nope`]: example('pending_not_found') });
    await assert.rejects((await open(peer)).deny('nope'), {
      code: 'not_found',
      category: 'refused',
      message: /404.*Pending request, nope, not found/,
    });
  });

  test('bad answers are named by their place', async () => {
    const peer = scriptedAm({
      [`${USER}/uma/policies`]: list([example('policy').body, { policyId: 'x', permissions: [{ subject: 'bob' }] }]),
    });
    await assert.rejects((await open(peer)).policies(), { code: 'invalid_owner_answer', message: /result\[1\]/ });
  });

  test('history: AM’s words become ours, both ways of AM’s types, newest first and cut', async () => {
    const entry = example('history').body.result[0];
    const types = Object.values(FORGEROCK_AUDIT_TYPES);
    const peer = scriptedAm({ [`${USER}/uma/auditHistory`]: list(types.map((type) => ({ ...entry, type }))) });
    const api = await open(peer);
    const all = await api.history({ limit: 10 });
    assert.deepEqual(
      all.map(({ type }) => type),
      Object.keys(FORGEROCK_AUDIT_TYPES),
    );
    assert.equal(all[0]?.at, 1522334692);
    assert.equal((await api.history({ limit: 10, type: 'rpt_issued' })).length, 1);
    assert.equal((await api.history({ limit: 10, resource_id: 'other' })).length, 0);
  });

  test('what AM has no place for is refused before anything is sent', async () => {
    const party = { iss: ISSUER, sub: 'bob' };
    const policy = { resource_id: 'r', effect: 'allow', scopes: ['view'], subject: { party } } as const;
    const peer = scriptedAm({});
    const api = await open(peer);
    const refused: (() => Promise<unknown>)[] = [
      () => api.approve('q', { expires_at: 1 }),
      () => api.deny('q', { message: 'no' }),
      () => api.createPolicy({ ...policy, scopes: ['view'], effect: 'deny' }),
      () => api.createPolicy({ ...policy, scopes: ['view'], subject: { anyone: true } }),
      () => api.createPolicy({ ...policy, scopes: ['view'], subject: { party: { iss: 'https://x', sub: 'bob' } } }),
      () => api.createPolicy({ ...policy, scopes: ['view'], expires_at: 1 }),
      () => api.createPolicy({ ...policy, scopes: ['view'], claims: [{ name: 'age' }] }),
      () => api.revoke({ token: 'rpt' }),
    ];
    for (const call of refused) await assert.rejects(call, { code: 'not_offered', category: 'config' });
    assert.equal(peer.requests.length, 0);
  });
});

describe('signing in', () => {
  test('by headers, with an empty body; the session is kept, and made anew when AM has ended it', async () => {
    let sessions = 0;
    const peer = script(({ url, headers }) => {
      const { pathname } = new URL(url);
      if (pathname.endsWith('/authenticate')) {
        sessions += 1;
        return { body: { tokenId: `session${sessions}`, successUrl: '/', realm: '/' } };
      }
      if (pathname.endsWith('/serverinfo/*')) return { body: { cookieName: 'iPlanetDirectoryPro' } };
      if (headers.iplanetdirectorypro !== `session${sessions}` || sessions === 1) return example('no_session');
      return pathname.endsWith('/users') ? { body: { id: 'alice' } } : example('policy_list');
    });
    const cache = memoryCache();
    const connection = new Connection({ issuer: ISSUER, send: peer.send, dialect: 'forgerock', cache });
    const source = ownerTokenOf(connection, NOBODY, person('alice', 'Ch4ng31t'));
    await obtain(connection, source);
    const { headers, body, url } = peer.requests[0]!;
    assert.equal(url, `${AM}/json${ALPHA}/authenticate`);
    assert.deepEqual(
      [headers['x-openam-username'], headers['x-openam-password'], headers['accept-api-version'], body],
      ['alice', 'Ch4ng31t', 'resource=2.0, protocol=1.0', undefined],
    );
    assert.equal((await (await ownerApi(connection, source)).policies()).length, 1);
    assert.equal(sessions, 2);
  });

  test('a wrong password is an error of authentication in AM’s words', async () => {
    const peer = script(() => example('sign_in_refused'));
    const connection = new Connection({ issuer: ISSUER, send: peer.send, dialect: 'forgerock' });
    await assert.rejects(ownerTokenOf(connection, NOBODY, person('alice', 'guess')).fetch(), (error: UmaError) => {
      assert.ok(error instanceof UmaError && error.category === 'authentication');
      assert.match(error.message, /Authentication Failed/);
      assert.ok(!error.message.includes('guess'));
      return true;
    });
  });

  test('a name or password that a header cannot hold is refused, not sent otherwise', async () => {
    const peer = script(() => example('signed_in'));
    const connection = new Connection({ issuer: ISSUER, send: peer.send, dialect: 'forgerock' });
    for (const password of ['naïve', 'a\r\nx-other: y'])
      await assert.rejects(ownerTokenOf(connection, NOBODY, person('alice', password)).fetch(), {
        code: 'not_a_header',
      });
    assert.equal(peer.requests.length, 0);
  });
});

describe('the dialect and the layout', () => {
  let server: RunningServer;
  let connection: Connection;
  let api: OwnerApi & ForgerockOwnerApi;
  const RESOURCE = 'ef4d750e-3831-483b-b395-c6f059b5e15d0';
  before(async () => {
    server = await startServer({ port: 0, layout: 'forgerock' });
    const send = httpSend({ timeout: 5, insecure: false, ca: undefined, signal: new AbortController().signal });
    connection = new Connection({ issuer: server.issuer, send, dialect: 'forgerock', cache: memoryCache() });
    const source = ownerTokenOf(connection, NOBODY, person('alice', 'Ch4ng31t'));
    api = (await ownerApi(connection, source)) as ForgerockOwnerApi;
  });
  after(() => server.close());

  test('policies: made, added to, changed, narrowed and deleted, entry by entry', async () => {
    const share = (sub: string, scopes: string[]) => ({
      resource_id: RESOURCE,
      effect: 'allow' as const,
      scopes,
      subject: { party: { iss: server.issuer, sub } },
    });
    const made = await api.createPolicy(share('bob', ['view']));
    assert.equal(made.id, `${RESOURCE}:bob`);
    await api.createPolicy(share('chris', ['view']));
    assert.deepEqual((await api.createPolicy(share('bob', ['comment']))).scopes, ['view', 'comment']);
    assert.deepEqual((await api.updatePolicy(`${RESOURCE}:bob`, share('bob', ['download']))).scopes, ['download']);
    const shown = (await api.policies({ resource_id: RESOURCE })).map(({ id, scopes }) => [id, scopes]).sort();
    assert.deepEqual(shown, [
      [`${RESOURCE}:bob`, ['download']],
      [`${RESOURCE}:chris`, ['view']],
    ]);
    assert.deepEqual((await api.policy(`${RESOURCE}:chris`)).scopes, ['view']);
    assert.deepEqual(await api.policies({ resource_id: 'other' }), []);
    await api.deletePolicy(`${RESOURCE}:bob`);
    await assert.rejects(api.policy(`${RESOURCE}:bob`), { code: 'not_found' });
    const { scopes: _all, ...everything } = share('bob', []);
    assert.deepEqual((await api.createPolicy(everything)).scopes, ['view', 'comment', 'download']);
    assert.equal(api.rptSurvivesRevocation, 'unconfirmed', 'no document says, so nothing is claimed');
    assert.deepEqual(await api.revoke({ resource_id: RESOURCE }), { policies: 2, rpts: 0, requests: 0 });
    assert.deepEqual(await api.policies(), []);
    assert.deepEqual(await api.revoke({ resource_id: RESOURCE }), { policies: 0, rpts: 0, requests: 0 });
  });

  test('labels: made, put on a resource, deleted', async () => {
    const label = await api.createLabel('Holidays/2026');
    await api.labelResource(RESOURCE, [label._id]);
    assert.ok((await api.labels()).some(({ name, type }) => name === '3D' && type === 'SYSTEM'));
    await assert.rejects(api.labelResource('nope', [label._id]), { code: 'not_found' });
    await api.deleteLabel(label._id);
    assert.ok(!(await api.labels()).some(({ _id }) => _id === label._id));
  });

  test('a session token with an ellipsis, as the manual prints it, opens the owner’s side', async () => {
    const given = await ownerApi(connection, { given: 'AQIC5wM2LY4S…Q4MTE4NTA2*' });
    assert.equal((await given.resources()).length, 3);
  });

  test('a sign-in that wants more than a password: the reason, and what to use instead, for each role', async () => {
    const carol = person('carol', 'Ch4ng31t');
    const wanted = { code: 'more_than_password', category: 'authentication' };
    await assert.rejects(patOf(connection, RS, { grant: 'password', owner: carol }).fetch(), {
      ...wanted,
      status: 500,
      message: /no PAT for carol.*asks for more than user name and password/,
      hint: /uma login --grant browser.*UMA_PAT/,
    });
    const client = { id: 'UmaClient', secret: 'password', method: 'client_secret_post' } as const;
    await assert.rejects(claimTokenOf(connection, client, carol).fetch(), { ...wanted, hint: /--claim-token-file/ });
    await assert.rejects(ownerTokenOf(connection, NOBODY, carol).fetch(), { ...wanted, hint: /UMA_OWNER_TOKEN/ });
  });

  test('the same on the command line: exit 4, the reason, and no password in the text', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'uma-forgerock-'));
    try {
      const env = { UMA_ISSUER: server.issuer, UMA_OWNER: 'carol', UMA_OWNER_PASSWORD: 'Ch4ng31t' };
      const { code, out, err } = await runUma(['pat'], { env }, directory);
      assert.deepEqual([code, out], [4, '']);
      assert.match(err, /asks for more than user name and password/);
      assert.match(err, /^Try: let the person sign in in a browser/m);
      assert.ok(!err.includes('Ch4ng31t'));
      const discovered = await runUma(['discover'], { env }, directory);
      assert.equal(discovered.json<{ dialect: string }>().dialect, 'forgerock');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
