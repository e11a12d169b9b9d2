import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseChallenges } from '../../src/protocol/challenge.ts';
import { bearer, type Gate, ROUTES, startGate } from './harness.ts';

describe('challenge and enforcement', () => {
  let gate: Gate;
  before(async () => {
    gate = await startGate();
  });
  after(() => gate[Symbol.asyncDispose]());

  it('GRANT-3.2-01 GRANT-3.2.1-01 GRANT-3.2.1-02 GRANT-3.2.1-03 FED-4-01: without a token 401 with realm, as_uri, ticket, for one permission request', async () => {
    await gate.challenge('/photos/a.png');
    gate.newCalls();
    const response = await gate.fetch('/photos/a.png');
    assert.equal(response.status, 401);
    const [challenge, ...more] = parseChallenges(response.headers.get('www-authenticate') ?? '');
    assert.deepEqual(more, []);
    assert.equal(challenge?.scheme, 'UMA');
    assert.equal(challenge?.params.realm, 'photos');
    assert.equal(challenge?.params.as_uri, gate.as.server.issuer);
    assert.ok(challenge?.params.ticket);
    assert.equal(await response.text(), '');
    assert.deepEqual(gate.newCalls(), ['/permission']);
    assert.deepEqual(gate.upstream.seen, []);
  });

  it('GRANT-3.2.1-04: each challenge has a ticket of its own, also at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => gate.challenge('/photos/a.png')));
    assert.equal(new Set(all.map(({ ticket }) => ticket)).size, 5);
  });

  it('GRANT-3.2-02 FED-4-04 FED-1.3-04: the scopes fit the attempt, and the PAT goes as bearer', async () => {
    const asked = async (path: string, method = 'GET') => {
      await gate.challenge(path, { method });
      const { request } = gate.calls.at(-1)!;
      assert.equal(request.headers.authorization, `Bearer ${gate.pat}`);
      return (JSON.parse(request.body ?? '{}') as { resource_scopes: string[] }).resource_scopes;
    };
    assert.deepEqual(await asked('/photos/a.png'), ['view']);
    assert.deepEqual(await asked('/photos/a.png?download=1'), ['download']);
    assert.deepEqual(await asked('/photos/a.png', 'PUT'), ['edit']);
  });

  it('FED-3-03: one wildcard route is one resource, registered with all its scopes; templates are one for each set of values', async () => {
    await gate.challenge('/photos/b.png');
    const idOf = async (path: string) => {
      await gate.challenge(path);
      return (JSON.parse(gate.calls.at(-1)!.request.body ?? '{}') as { resource_id: string }).resource_id;
    };
    const photos = await idOf('/photos/b.png');
    assert.equal(await idOf('/photos/deep/c.png'), photos);
    assert.notEqual(await idOf('/users/alice/album/1'), await idOf('/users/alice/album/2'));
    assert.equal(await idOf('/users/alice/album/1'), await idOf('/users/alice/album/1'));
    const { body } = await gate.as.json('GET', `/resource_set/${photos}`, gate.pat);
    assert.deepEqual(body.resource_scopes.toSorted(), ['download', 'edit', 'view']);
    assert.equal(body.name, 'Photos');
  });

  it('passes with a sufficient RPT: the identity in headers, the RPT and what the client said about itself gone (SEC-9700-24)', async () => {
    const rpt = await gate.rpt('/photos/a.png');
    const response = await gate.fetch('/photos/a.png?x=%2F&y', {
      headers: {
        ...bearer(rpt),
        'x-uma-subject': 'mallory',
        x_uma_subject: 'mallory',
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-user': 'mallory',
        forwarded: 'for=10.0.0.1',
        'x-client-cert': 'x',
        'x-http-method-override': 'DELETE',
        accept: 'image/png',
      },
    });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'the photo');
    const { url, headers } = gate.upstream.seen.at(-1)!;
    assert.equal(url, '/photos/a.png?x=%2F&y');
    assert.equal(headers.authorization, undefined);
    assert.equal(headers['x-uma-subject'], 'bob');
    assert.equal(headers['x-uma-issuer'], gate.as.server.issuer);
    assert.equal(headers['x-uma-client'], 'UmaClient');
    assert.equal(headers['x-uma-scopes'], 'view');
    assert.equal(headers['x-uma-owner'], 'alice');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers.accept, 'image/png');
    assert.doesNotMatch(JSON.stringify(headers), new RegExp(`mallory|10\\.0\\.0\\.1|${rpt}|override|client-cert`));
  });

  it('GRANT-3.5-01 GRANT-3.5-02 FED-4-01: an RPT that is random, for another resource, with another scope or another owner opens nothing: 401 with a fresh ticket', async () => {
    const view = await gate.rpt('/photos/a.png');
    const album = await gate.rpt('/users/alice/album/1');
    const before = gate.upstream.seen.length;
    const cases: [string, string, RequestInit, string][] = [
      ['random', '/photos/a.png', { headers: bearer('random') }, 'invalid_token'],
      ['other resource', '/photos/a.png', { headers: bearer(album) }, 'insufficient_scope'],
      ['other resource of a template', '/users/alice/album/2', { headers: bearer(album) }, 'insufficient_scope'],
      ['wrong scope', '/photos/a.png', { method: 'PUT', body: 'x', headers: bearer(view) }, 'insufficient_scope'],
      ['a PAT', '/photos/a.png', { headers: bearer(gate.pat) }, 'insufficient_scope'],
    ];
    const tickets = new Set<string>();
    for (const [what, path, init, error] of cases) {
      const challenge = await gate.challenge(path, init);
      assert.equal(challenge.error, error, what);
      tickets.add(challenge.ticket);
    }
    assert.equal(tickets.size, cases.length);
    assert.equal(gate.upstream.seen.length, before);
  });

  it('GRANT-6.3-01: whether there is something behind a protected path does not show', async () => {
    const shape = async (path: string) => {
      const response = await gate.fetch(path);
      const names = [...response.headers.keys()].filter((name) => name !== 'date').toSorted();
      const challenge = (response.headers.get('www-authenticate') ?? '').replace(/ticket="[^"]*"/, '');
      return [response.status, names, challenge, await response.text()];
    };
    assert.deepEqual(await shape('/photos/a.png'), await shape('/photos/no-such-thing'));
    assert.deepEqual(await shape('/users/alice/album/1'), await shape('/users/alice/album/999'));
  });

  it('FED-5.1-01 FED-5.1-02: introspection is a form with the token, authorized by the PAT', async () => {
    await gate.challenge('/photos/a.png', { headers: bearer('random-token') });
    const { request } = gate.calls.findLast((call) => call.request.url.endsWith('/introspect'))!;
    assert.equal(request.method, 'POST');
    assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(request.headers.authorization, `Bearer ${gate.pat}`);
    const { token, token_type_hint = 'access_token' } = Object.fromEntries(new URLSearchParams(request.body));
    assert.deepEqual([token, token_type_hint], ['random-token', 'access_token']);
  });

  it('FED-1.4-01: a deny rule wins over a good RPT; what no route fits is refused without a call (ATK-27)', async () => {
    const rpt = await gate.rpt('/photos/a.png');
    gate.newCalls();
    for (const path of ['/photos/secret.png', '/elsewhere', '/favicon.ico']) {
      const response = await gate.fetch(path, { headers: bearer(rpt) });
      assert.equal(response.status, 403, path);
      assert.equal(response.headers.get('www-authenticate'), null);
    }
    assert.deepEqual(gate.newCalls(), []);
  });

  it('FED-3-02: a pass route leaves what is behind it unprotected: it needs nothing, and an RPT does not go on there either', async () => {
    assert.equal((await gate.fetch('/open/x', { headers: bearer('rpt') })).status, 200);
    assert.equal(gate.upstream.seen.at(-1)?.headers.authorization, undefined);
    assert.equal((await gate.fetch('/open/x', { headers: { authorization: 'Basic eA==' } })).status, 200);
    assert.equal(gate.upstream.seen.at(-1)?.headers.authorization, 'Basic eA==');
  });

  it('P19: calls to the AS for each request: anonymous 1, RPT 1, the same again within 5 s 0, write 1 each, insufficient 2', async () => {
    const view = await gate.rpt('/photos/a.png');
    const edit = await gate.rpt('/photos/a.png', { method: 'PUT', body: '' });
    gate.newCalls();
    await gate.challenge('/photos/a.png');
    assert.deepEqual(gate.newCalls(), ['/permission']);
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(view) })).status, 200);
    assert.deepEqual(gate.newCalls(), ['/introspect']);
    assert.equal((await gate.fetch('/photos/b.png', { headers: bearer(view) })).status, 200);
    assert.deepEqual(gate.newCalls(), []);
    for (let n = 0; n < 2; n += 1) {
      assert.equal(
        (await gate.fetch('/photos/a.png', { method: 'PUT', body: 'x', headers: bearer(edit) })).status,
        200,
      );
      assert.deepEqual(gate.newCalls(), ['/introspect']);
    }
    await gate.challenge('/photos/a.png', { method: 'PUT', body: 'x', headers: bearer(view) });
    assert.deepEqual(gate.newCalls(), ['/introspect', '/permission']);
  });

  it('concurrent reads with one new RPT make one introspection', async () => {
    const rpt = await gate.rpt('/photos/a.png');
    gate.newCalls();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => gate.fetch('/photos/a.png', { headers: bearer(rpt) })),
    );
    assert.deepEqual([...new Set(all.map(({ status }) => status))], [200]);
    assert.deepEqual(gate.newCalls(), ['/introspect']);
  });
});

it('concurrent first requests register a resource once', async () => {
  await using gate = await startGate();
  await Promise.all(Array.from({ length: 6 }, () => gate.challenge('/photos/a.png')));
  assert.equal(gate.newCalls().filter((path) => path === '/resource_set').length, 1);
});

it('a resource that the AS has lost is registered again, once', async () => {
  await using gate = await startGate();
  await gate.challenge('/photos/a.png');
  const { resource_id } = JSON.parse(gate.calls.at(-1)!.request.body ?? '{}') as { resource_id: string };
  await gate.as.json('DELETE', `/resource_set/${resource_id}`, gate.pat);
  gate.newCalls();
  await Promise.all([gate.challenge('/photos/a.png'), gate.challenge('/photos/a.png')]);
  assert.equal(gate.calls.filter(({ request }) => request.url.endsWith('/resource_set')).length >= 1, true);
  const ids = gate.calls
    .filter(({ response }) => response.status === 201)
    .map(({ response }) => (JSON.parse(response.body) as { _id?: string })._id)
    .filter((id) => id !== undefined);
  assert.equal(new Set(ids).size, 2);
});

it('SEC-7662-06: after a revocation a write is refused at once, a read within the configured 5 s at most', async () => {
  const either = ROUTES.routes.map((route) =>
    route.methods?.includes('PUT') ? { ...route, scopes: ['view'] } : route,
  );
  await using gate = await startGate({ routes: { ...ROUTES, routes: either, cache: { read: 0.2 } } });
  const rpt = await gate.rpt('/photos/a.png');
  const write = () => gate.fetch('/photos/a.png', { method: 'PUT', body: 'x', headers: bearer(rpt) });
  assert.equal((await write()).status, 200);
  assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
  await gate.as.post('/revoke', { token: rpt }, 'UmaClient:password');
  assert.equal((await write()).status, 401);
  const began = Date.now();
  for (;;) {
    const { status } = await gate.fetch('/photos/a.png', { headers: bearer(rpt) });
    if (status === 401) break;
    assert.ok(Date.now() - began < 2000);
  }
});

it('FED-3.1-03: type, icon and description of a route are registered', async () => {
  const more = { type: 'https://example.com/photo', icon_uri: 'https://example.com/i.png', description: 'Holidays' };
  const routes = ROUTES.routes.map((route) => (route.resource === 'Photos' ? { ...route, ...more } : route));
  await using gate = await startGate({ routes: { ...ROUTES, routes } });
  await gate.challenge('/photos/a.png');
  const created = gate.calls.find(({ request }) => request.url.endsWith('/resource_set'));
  const { resource_scopes, ...told } = JSON.parse(created?.request.body ?? '{}') as { resource_scopes: string[] };
  assert.equal(resource_scopes.length, 3);
  assert.deepEqual(told, { name: 'Photos', ...more });
});

it('FED-8-02: with names off nothing is registered but scopes', async () => {
  await using gate = await startGate({ routes: { ...ROUTES, names: false } });
  await gate.challenge('/photos/a.png');
  const created = gate.calls.find(({ request }) => request.url.endsWith('/resource_set'));
  assert.deepEqual(Object.keys(JSON.parse(created?.request.body ?? '{}')), ['resource_scopes']);
});

it('FED-3-02: different resources of one service can be under different servers, by a gateway for each', async () => {
  await using one = await startGate();
  await using other = await startGate({ upstreamServer: one.upstream });
  const rpt = await one.rpt('/photos/a.png');
  assert.equal((await one.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
  const challenge = await other.challenge('/photos/a.png', { headers: bearer(rpt) });
  assert.equal(challenge.as_uri, other.as.server.issuer);
  assert.notEqual(challenge.as_uri, one.as.server.issuer);
});

it('FED-3.1.1-01: a scope that is a URI is registered and asked for as it is, and nobody reads what it leads to', async () => {
  const scope = 'https://scopes.invalid/view';
  const routes = ROUTES.routes.map((route) => (route.scopes?.includes('view') ? { ...route, scopes: [scope] } : route));
  await using gate = await startGate({ routes: { ...ROUTES, routes } });
  const rpt = await gate.rpt('/photos/a.png');
  assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
  assert.equal(gate.upstream.seen.at(-1)?.headers['x-uma-scopes'], scope);
  assert.ok(gate.calls.every(({ request }) => request.url.startsWith(gate.as.server.issuer)));
});
