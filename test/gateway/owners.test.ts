import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { startGateway } from '../../src/gateway/start.ts';
import { differences, type SyncReport } from '../../src/gateway/sync.ts';
import { Vault } from '../../src/gateway/vault.ts';
import { testConfig } from '../server/http/harness.ts';
import { connectOwner } from './connect.ts';
import { bearer, type Gate, ROUTES, RS_CLIENT, startGate } from './harness.ts';

const directory = mkdtempSync(join(tmpdir(), 'uma-gateway-'));
after(() => rmSync(directory, { recursive: true }));

const connect = (gate: Gate, username = 'alice', url = gate.gateway.url) => connectOwner(url, username);

const owners = { pat: { mode: 'owners' } } as const;

describe('/.uma/connect', () => {
  it('FED-1.4-02 SEC-7636-01: an owner connects once; PATs are had and renewed without her, shares and connection survive a restart', async () => {
    const config = testConfig((settings) => {
      settings.lifetimes.access_token = 2;
    });
    await using gate = await startGate({ ...owners, directory, server: { config } });
    assert.equal((await gate.fetch('/photos/a.png')).status, 403);
    const { page } = await connect(gate);
    assert.equal(page.status, 200, await page.text());
    const fixed = gate.calls.filter(({ request }) => request.url.endsWith('/resource_set'));
    assert.equal(fixed.length, 0, 'a wildcard is registered when it is asked for');
    const rpt = await gate.rpt('/photos/a.png');
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);

    const kept = readFileSync(join(directory, 'gateway.json'), 'utf8');
    const refresh = gate.calls
      .filter(({ request }) => request.url.endsWith('/token'))
      .flatMap(({ response }) => Object.values(JSON.parse(response.body) as Record<string, unknown>))
      .filter((value): value is string => typeof value === 'string' && value.length > 20);
    assert.ok(refresh.length >= 3);
    for (const secret of refresh) assert.ok(!kept.includes(secret));
    assert.equal(statSync(join(directory, 'gateway.json')).mode & 0o077, 0);
    assert.equal(statSync(join(directory, 'gateway.key')).mode & 0o077, 0);

    const renewals = () =>
      gate.calls.filter(({ request }) => request.body?.includes('grant_type=refresh_token')).length;
    const before = renewals();
    const until = Date.now() + 1700;
    while (Date.now() < until) await gate.fetch('/open/x');
    await Promise.all(Array.from({ length: 5 }, () => gate.challenge('/photos/a.png')));
    assert.equal(renewals(), before + 1, 'concurrent needs renew once');

    await gate.gateway.close();
    const again = await startGateway({
      upstream: gate.upstream.url,
      routes: ROUTES,
      issuer: gate.as.server.issuer,
      client: RS_CLIENT,
      send: async (request) => {
        const response = await fetch(request.url, { ...request, body: request.body ?? null });
        return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
      },
      port: 0,
      directory,
    });
    const response = await fetch(`${again.url}/photos/a.png`, { headers: bearer(rpt) });
    assert.equal(response.status, 200, 'the same resource, the same RPT');
    await again.close();
  });

  it('SEC-9700-03 SEC-9700-04 SEC-9207-02: state, cookie and iss have to be those of this sign-in', async () => {
    await using gate = await startGate(owners);
    const begin = async () => {
      const begun = await gate.fetch('/.uma/connect');
      const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const query = new URL(begun.headers.get('location') ?? '').searchParams;
      return { cookie, state: query.get('state') ?? '', challenge: query.get('code_challenge') };
    };
    const [one, two] = [await begin(), await begin()];
    assert.notEqual(one.state, two.state);
    assert.notEqual(one.challenge, two.challenge);
    const back = async (query: Record<string, string>, cookie: string) => {
      const response = await gate.fetch(`/.uma/callback?${new URLSearchParams(query)}`, { headers: { cookie } });
      return ((await response.json()) as { error: string }).error;
    };
    const iss = gate.as.server.issuer;
    assert.equal(await back({ code: 'x', state: one.state, iss }, two.cookie), 'sign_in_lost', "another browser's");
    assert.equal(
      await back({ code: 'x', state: two.state, iss: 'https://evil.example' }, two.cookie),
      'invalid_sign_in',
    );
    assert.equal(await back({ code: 'x', state: two.state, iss }, two.cookie), 'sign_in_lost', 'used');
    const three = await begin();
    assert.equal(await back({ code: 'x', state: three.state }, three.cookie), 'invalid_sign_in', 'iss is announced');
    assert.ok(!gate.newCalls().includes('/token'), 'no code was redeemed');
  });

  it('a callback that this browser did not begin is refused; so is another owner than the configured one', async () => {
    await using gate = await startGate({
      ...owners,
      routes: { ...ROUTES, routes: ROUTES.routes.filter(({ path }) => !path.includes('{owner}')) },
    });
    for (const query of ['code=x&state=y', '']) {
      const response = await gate.fetch(`/.uma/callback?${query}`);
      assert.equal(response.status, 403);
      assert.equal(((await response.json()) as { error: string }).error, 'sign_in_lost');
    }
    const { page } = await connect(gate, 'bob');
    assert.equal(page.status, 403);
    assert.equal(((await page.json()) as { error: string }).error, 'wrong_owner');
  });
});

describe('/.uma/shares', () => {
  it('each owner sees her own, the admin token all; no PAT anywhere; nobody else anything', async () => {
    await using gate = await startGate({ ...owners, adminToken: 'letmein' });
    const alice = await connect(gate);
    const bob = await connect(gate, 'bob');
    await gate.challenge('/photos/a.png');
    await gate.challenge('/users/bob/album/1');
    const list = async (headers: Record<string, string>) => {
      const response = await gate.fetch('/.uma/shares', { headers });
      const text = await response.text();
      for (const { response: answer } of gate.calls)
        for (const value of Object.values(JSON.parse(answer.body || '{}') as Record<string, unknown>))
          if (typeof value === 'string' && /^[\w-]{40,}$/.test(value)) assert.ok(!text.includes(value));
      return {
        status: response.status,
        names: response.ok ? (JSON.parse(text) as { shares: { name: string }[] }).shares.map(({ name }) => name) : [],
      };
    };
    assert.deepEqual(await list({ cookie: alice.cookie }), { status: 200, names: ['Photos'] });
    assert.deepEqual(await list({ cookie: bob.cookie }), { status: 200, names: ['/users/bob/album/1'] });
    assert.equal((await list(bearer('letmein'))).names.length, 2);
    assert.equal((await list({})).status, 401);
    assert.equal((await list(bearer('letmeIn'))).status, 401);
    assert.equal((await list({ cookie: 'uma_session=x' })).status, 401);
  });

  it("the session of an owner's sign-in is the gateway's: the upstream gets the other cookies, and not that one", async () => {
    await using gate = await startGate(owners);
    const { cookie } = await connect(gate);
    const session = cookie.split('=')[1] ?? '';
    assert.ok(session.length > 20);
    for (const [sent, got] of [
      [`a=1; ${cookie}; b=2`, 'a=1; b=2'],
      [`${cookie};__Host-uma_session=${session}; uma_state = ${session}`, undefined],
      [`xuma_session=1`, 'xuma_session=1'],
    ] as const) {
      await gate.fetch('/open/x', { headers: { cookie: sent } });
      assert.equal(gate.upstream.seen.at(-1)?.headers.cookie, got);
    }
  });

  it('withdrawn: the resource is gone at the AS, an RPT opens nothing more, and it is not registered again by itself', async () => {
    await using gate = await startGate({ adminToken: 'letmein' });
    const rpt = await gate.rpt('/photos/a.png');
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 200);
    const { shares } = (await (await gate.fetch('/.uma/shares', { headers: bearer('letmein') })).json()) as {
      shares: { id: string; resource_id: string }[];
    };
    const [share] = shares;
    const gone = await gate.fetch(`/.uma/shares/${share?.id}`, { method: 'DELETE', headers: bearer('letmein') });
    assert.equal(gone.status, 204);
    assert.equal((await gate.as.json('GET', `/resource_set/${share?.resource_id}`, gate.pat)).status, 404);
    assert.equal((await gate.fetch('/photos/a.png', { headers: bearer(rpt) })).status, 403);
    assert.equal((await gate.fetch('/photos/a.png')).status, 403);
    const shared = await gate.fetch('/.uma/shares', {
      method: 'POST',
      headers: { ...bearer('letmein'), 'content-type': 'application/json' },
      body: '{"path":"/photos/a.png"}',
    });
    assert.equal(shared.status, 201, await shared.text());
    assert.ok(
      (await gate.challenge('/photos/a.png', { headers: bearer(rpt) })).ticket,
      'another resource: the old RPT is not for it',
    );
  });
});

it('FED-3.2.5-03: what the server has lost, and what it has that is not known here: at the start, and for owners and the admin token', async () => {
  const own = mkdtempSync(join(tmpdir(), 'uma-sync-'));
  await using gate = await startGate({ adminToken: 'letmein', directory: own });
  const get = async (headers: Record<string, string>) => {
    const response = await gate.fetch('/.uma/check', { headers });
    return { status: response.status, body: (await response.json()) as { owners: SyncReport[] } };
  };
  await gate.challenge('/photos/a.png');
  await gate.challenge('/users/alice/album/1');
  assert.deepEqual((await get(bearer('letmein'))).body.owners, [{ owner: 'alice', missing: [], strange: [] }]);
  const asked = gate.calls.findLast(({ request }) => request.url.endsWith('/permission'));
  const { resource_id } = JSON.parse(asked?.request.body ?? '{}') as { resource_id: string };
  await gate.as.json('DELETE', `/resource_set/${resource_id}`, gate.pat);
  const other = await gate.as.json('POST', '/resource_set', gate.pat, { name: 'X', resource_scopes: ['s'] });
  const [report] = (await get(bearer('letmein'))).body.owners;
  assert.deepEqual(report?.missing, [{ name: '/users/alice/album/1', resource_id }]);
  assert.deepEqual(report?.strange, [other.body._id]);
  assert.equal((await get({})).status, 401);
  assert.equal((await get(bearer(gate.pat))).status, 401);
  assert.deepEqual(await gate.gateway.compare(), [report]);
  assert.deepEqual(
    differences([report!]).map((line) => line.replace(/[\w-]{20,}/g, 'ID')),
    [
      'the server has lost /users/alice/album/1 of alice (ID)',
      'the server has 1 resources of alice that this gateway does not know: ID',
    ],
  );
  rmSync(own, { recursive: true });
});

it('a PAT by client credentials, for tests and CI: the resource server is the owner', async () => {
  await using gate = await startGate({ pat: { mode: 'client' } });
  assert.ok((await gate.challenge('/photos/a.png')).ticket);
  assert.ok(gate.calls.some(({ request }) => request.body?.includes('grant_type=client_credentials')));
});

describe('what is kept', () => {
  it('a key that is not the one it was sealed with, one that others can read, another issuer: refused at the start', async () => {
    const own = mkdtempSync(join(tmpdir(), 'uma-vault-'));
    const issuer = 'https://as.example';
    const vault = await Vault.open({ issuer, directory: own });
    await vault.keepOwner('alice', 'refresh-1', 0);
    assert.equal((await Vault.open({ issuer, directory: own })).refreshToken('alice'), 'refresh-1');
    const key = Buffer.alloc(32, 7).toString('base64');
    await assert.rejects(Vault.open({ issuer, directory: own, key }), { code: 'wrong_key' });
    await assert.rejects(Vault.open({ issuer, directory: own, key: 'short' }), { code: 'invalid_key' });
    await assert.rejects(Vault.open({ issuer: 'https://other.example', directory: own }), { code: 'state_unusable' });
    chmodSync(join(own, 'gateway.key'), 0o644);
    await assert.rejects(Vault.open({ issuer, directory: own }), { code: 'key_readable' });
    rmSync(own, { recursive: true });
  });
});
