import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../src/client/connection.ts';
import { ResourceServer } from '../../src/client/resource-server.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { ENDPOINTS, ISSUER, json, type Script, script } from './script.ts';

const CLIENT = { id: 'rs', secret: 's', method: 'client_secret_basic' as const };
const REGISTERED = { r1: 'Photo Album', r2: 'Diary', r3: 'Diary', r4: 'r1' };

/** A server with these resources; the ticket endpoint knows ids only. */
function server(resources: Record<string, string> = REGISTERED): Script {
  return script(({ method, url, body }) => {
    const { pathname } = new URL(url);
    if (pathname.endsWith('/permission')) {
      const { resource_id, resource_scopes } = JSON.parse(body ?? '{}') as {
        resource_id: string;
        resource_scopes: string[];
      };
      if (resources[resource_id] === undefined) return { status: 400, body: { error: 'invalid_resource_id' } };
      if (!resource_scopes.every((scope) => scope === 'view')) return { status: 400, body: { error: 'invalid_scope' } };
      return { status: 201, body: { ticket: `for ${resource_id}` } };
    }
    if (method !== 'GET') return undefined;
    const id = decodeURIComponent(pathname.split('/resources')[1]?.slice(1) ?? '');
    if (id === '') return { body: Object.keys(resources) };
    const name = resources[id];
    return name === undefined
      ? { status: 404, body: { error: 'not_found' } }
      : { body: { _id: id, name, resource_scopes: ['view'] } };
  });
}

const role = (peer: Script) =>
  new ResourceServer(
    new Connection({ issuer: ISSUER, send: peer.send, endpoints: ENDPOINTS }),
    CLIENT,
    { given: 'pat' },
    "alice's PAT (client rs)",
  );

test('a ticket for an id is one request', async () => {
  const peer = server();
  const { ticket } = await role(peer).ticket([{ resource_id: 'r1', resource_scopes: ['view'] }]);
  assert.equal(ticket, 'for r1');
  assert.equal(peer.requests.length, 1);
  assert.equal(peer.requests[0]?.headers.authorization, 'Bearer pat');
});

test('a name is resolved, and the id that was used is told; an id wins over a name', async () => {
  const peer = server();
  const asked = [{ resource_id: 'Photo Album', resource_scopes: ['view'] }];
  assert.deepEqual(await role(peer).ticket(asked), {
    ticket: 'for r1',
    permissions: [{ resource_id: 'r1', resource_scopes: ['view'] }],
  });
  assert.equal(json(peer.requests.at(-1)).resource_id, 'r1');
  assert.equal((await role(server()).resolve('r1')).name, 'Photo Album');
});

test('an ambiguous name names the candidates and sends no guess', async () => {
  const peer = server();
  await assert.rejects(role(peer).ticket([{ resource_id: 'Diary', resource_scopes: ['view'] }]), (error) => {
    assert.ok(error instanceof UmaError);
    assert.equal(error.code, 'ambiguous_resource');
    assert.equal(error.category, 'usage');
    assert.match(error.message, /r2, r3/);
    return true;
  });
  assert.equal(peer.requests.filter(({ method }) => method === 'POST').length, 1);
});

test('an unknown resource: which one, whose PAT, and what that sees, ten at most', async () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_all, at) => [`id${at}`, `Name ${at}`]));
  await assert.rejects(role(server(many)).ticket([{ resource_id: 'nope', resource_scopes: ['view'] }]), (error) => {
    assert.ok(error instanceof UmaError);
    assert.equal(error.code, 'unknown_resource');
    assert.match(error.message, /"nope" for alice's PAT \(client rs\)/);
    assert.match(error.message, /id9 "Name 9", and 2 more/);
    assert.doesNotMatch(error.message, /id10/);
    assert.match(error.hint ?? '', /^uma ticket --resource id0 --scope view/);
    assert.equal(error.status, 400);
    return true;
  });
  await assert.rejects(role(server({})).resolve('nope'), { message: /sees no resource at all/, hint: /^uma register/ });
});

test('a scope that the resource lacks: says which it has', async () => {
  await assert.rejects(role(server()).ticket([{ resource_id: 'r1', resource_scopes: ['burn'] }]), {
    code: 'invalid_scope',
    message: /r1 "Photo Album" offers view/,
  });
});

test('a resource deleted while the list is read is left out', async () => {
  const inner = server();
  const peer = script(() => undefined);
  peer.send = async (request) =>
    request.url.endsWith('/r2') ? { status: 404, headers: {}, body: '' } : inner.send(request);
  const found = await role(peer).describe();
  assert.deepEqual(
    found.map(({ _id }) => _id),
    ['r1', 'r3', 'r4'],
  );
});
