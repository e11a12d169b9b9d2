/** Level 1: what is written can be read, changed, listed and removed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicySubject } from '../../../protocol/owner.ts';
import type { PageOf, PageRequest } from '../types.ts';
import {
  ALICE_PHOTOS,
  artifact,
  BOB,
  CHRIS,
  FOREIGN_BOB,
  freshStore,
  ISSUER,
  NOW,
  policy,
  refresh,
  request,
  resource,
  rpt,
  type StoreDriver,
  ticket,
} from './fixtures.ts';

/** Every item of a list, two a page. */
async function everyPage<T>(list: (page: PageRequest) => Promise<PageOf<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await list({ limit: 2, after });
    assert.ok(page.items.length <= 2);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

export function basicLevel(driver: StoreDriver): void {
  describe(`${driver.name}: basic`, () => {
    it('resources: create, read, replace, list, delete', async (t) => {
      const { resources } = (await freshStore(driver, t)).stores;
      assert.equal(await resources.get('photo'), undefined);
      for (const id of ['photo', 'album', 'zoo', 'attic']) await resources.create(resource(id));
      assert.deepEqual(await resources.get('photo'), resource('photo'));
      assert.deepEqual(await resources.find('photo', ALICE_PHOTOS), resource('photo'));
      await assert.rejects(resources.create(resource('photo')));
      assert.equal(await resources.update('photo', ALICE_PHOTOS, { resource_scopes: [] }, NOW + 1), true);
      const changed = { ...resource('photo'), description: { resource_scopes: [] }, updated_at: NOW + 1 };
      assert.deepEqual(await resources.get('photo'), changed);
      assert.deepEqual(await resources.ids(ALICE_PHOTOS), ['photo', 'album', 'zoo', 'attic']);
      const all = await everyPage((page) => resources.ofOwner('alice', page));
      assert.deepEqual(
        all.map(({ id }) => id),
        ['photo', 'album', 'zoo', 'attic'],
      );
      assert.equal(await resources.delete('photo', ALICE_PHOTOS), true);
      assert.equal(await resources.delete('photo', ALICE_PHOTOS), false);
      assert.equal(await resources.update('photo', ALICE_PHOTOS, { resource_scopes: [] }, NOW), false);
      assert.deepEqual(await resources.ids(ALICE_PHOTOS), ['album', 'zoo', 'attic']);
    });

    it('an `after` that no page gave ends the list', async (t) => {
      const { resources } = (await freshStore(driver, t)).stores;
      await resources.create(resource('photo'));
      for (const after of ['nonsense', '', '-1', '1e3']) {
        assert.deepEqual(await resources.ofOwner('alice', { limit: 5, after }), { items: [] });
      }
    });

    it('tickets keep everything they carry', async (t) => {
      const { tickets } = (await freshStore(driver, t)).stores;
      const full = ticket('k', {
        client_id: 'app',
        gathered: { party: BOB, claims: [{ name: 'email', value: { a: [1] }, issuer: ISSUER }], at: NOW },
        code_challenge: 'c',
        requests: ['q'],
      });
      await tickets.put(full);
      assert.deepEqual(await tickets.take('k', NOW, 'app'), { kind: 'taken', ticket: full });
      assert.deepEqual(await tickets.take('never', NOW, 'app'), { kind: 'unknown' });
    });

    it('RPTs: put, get, delete, revoke by every member of the filter', async (t) => {
      const { rpts } = (await freshStore(driver, t)).stores;
      await rpts.put(rpt('k', { jkt: 'thumb' }));
      assert.deepEqual(await rpts.get('k', NOW), rpt('k', { jkt: 'thumb' }));
      assert.equal(await rpts.delete('k'), true);
      assert.equal(await rpts.delete('k'), false);
      for (const filter of [
        { owner: 'alice' },
        { rs: 'photos' },
        { client_id: 'app' },
        { chain: 'chain-of-a' },
        { party: BOB },
        { owner: 'alice', rs: 'photos', client_id: 'app', chain: 'chain-of-a', party: BOB },
      ]) {
        await rpts.put(rpt('a'));
        const other = { owner: 'dora', rs: 'files', client_id: 'other', party: FOREIGN_BOB };
        await rpts.put(rpt('b', other));
        assert.equal(await rpts.revoke(filter), 1, JSON.stringify(filter));
        assert.equal(await rpts.get('a', NOW), undefined);
        assert.ok(await rpts.get('b', NOW));
        await rpts.delete('b');
      }
      await assert.rejects(rpts.revoke({}), 'an empty filter is no order to revoke everything');
    });

    it('withdrawing a resource leaves the other permissions of RPTs and refresh tokens', async (t) => {
      const { rpts, refreshes } = (await freshStore(driver, t)).stores;
      const permissions = ['photo', 'album'].map((resource_id) => ({ resource_id, resource_scopes: ['view'] }));
      const misleading = [{ resource_id: 'album', resource_scopes: ['photo'] }];
      for (const [store, record] of [
        [rpts, rpt],
        [refreshes, refresh],
      ] as const) {
        const put = store.put as (item: ReturnType<typeof record>) => Promise<void>;
        await put({ ...record('both'), permissions });
        await put(record('only'));
        await put({ ...record('neither'), permissions: misleading });
        await put({ ...record('other'), party: CHRIS });
        assert.equal(await store.withdraw('photo', { owner: 'alice', party: BOB }), 2);
        assert.deepEqual((await store.get('both', NOW))?.permissions, permissions.slice(1));
        assert.equal(await store.get('only', NOW), undefined);
        assert.deepEqual((await store.get('neither', NOW))?.permissions, misleading);
        assert.ok(await store.get('other', NOW));
        assert.equal(await store.withdraw('photo', {}), 1);
      }
      await refreshes.put({ ...refresh('spent'), permissions });
      await refreshes.take('spent', NOW, 'app');
      assert.equal(await refreshes.withdraw('photo', {}), 1, 'a used one as well');
      assert.equal(await refreshes.get('spent', NOW), undefined);
      assert.deepEqual((await refreshes.get('spent', NOW, { allowUsed: true }))?.permissions, permissions.slice(1));
    });

    it('refresh tokens: get, also one that was used, delete, revoke a family', async (t) => {
      const { refreshes } = (await freshStore(driver, t)).stores;
      await refreshes.put(refresh('used', { family: 'f' }));
      await refreshes.take('used', NOW, 'app');
      assert.equal(await refreshes.get('used', NOW), undefined);
      assert.deepEqual(await refreshes.get('used', NOW, { allowUsed: true }), refresh('used', { family: 'f' }));
      for (const key of ['a', 'b']) await refreshes.put(refresh(key, { family: 'f' }));
      await refreshes.put(refresh('c'));
      assert.deepEqual(await refreshes.get('c', NOW), refresh('c'));
      assert.equal(await refreshes.revokeFamily('f'), 3);
      assert.equal(await refreshes.get('used', NOW, { allowUsed: true }), undefined);
      assert.equal(await refreshes.get('a', NOW), undefined);
      assert.equal(await refreshes.delete('c'), true);
      assert.equal(await refreshes.delete('c'), false);
      await refreshes.put(refresh('d'));
      assert.equal(await refreshes.revoke({ chain: 'chain-of-d' }), 1);
    });

    it('PCTs: put, get, delete', async (t) => {
      const { pcts } = (await freshStore(driver, t)).stores;
      const pct = { key: 'k', client_id: 'app', gathered: { claims: [], at: NOW }, expires_at: NOW + 9 };
      await pcts.put(pct);
      assert.deepEqual(await pcts.get('k', NOW), pct);
      assert.equal(await pcts.delete('k'), true);
      assert.equal(await pcts.delete('k'), false);
    });

    it('policies: create, read, replace, list, delete', async (t) => {
      const { policies } = (await freshStore(driver, t)).stores;
      await policies.create(policy('p', { name: 'for Bob', expires_at: NOW + 5 }));
      await policies.create(policy('q', { resource_id: 'album' }));
      await policies.create(policy('r'));
      assert.deepEqual(await policies.get('p', 'alice'), policy('p', { name: 'for Bob', expires_at: NOW + 5 }));
      const next = { resource_id: 'album', effect: 'deny', subject: { anyone: true } } as const;
      const replaced = { ...next, id: 'p', owner: 'alice', created_at: NOW, updated_at: NOW + 1 };
      assert.deepEqual(await policies.update('p', 'alice', next, NOW + 1), replaced);
      assert.deepEqual(await policies.get('p', 'alice'), replaced);
      const ids = async (filter: { resource_id?: string }) =>
        (await everyPage((page) => policies.list('alice', filter, page))).map(({ id }) => id);
      assert.deepEqual(await ids({}), ['p', 'q', 'r']);
      assert.deepEqual(await ids({ resource_id: 'album' }), ['p', 'q']);
      const about = await policies.ofResources(['album', 'photo', 'album', 'none']);
      assert.deepEqual(about.map(({ id }) => id).sort(), ['p', 'q', 'r']);
      await policies.create(policy('s', { owner: 'dora', subject: { party: { ...BOB, name: 'Another name' } } }));
      await policies.create(policy('t', { owner: 'dora', subject: { party: FOREIGN_BOB } }));
      await policies.create(policy('u', { owner: 'dora', subject: { group: 'bob' } }));
      await policies.create(policy('v', { owner: 'dora', subject: { email: 'bob' } }));
      const of = async (...subjects: PolicySubject[]) =>
        (await everyPage((page) => policies.ofSubjects(subjects, page))).map(({ id }) => id);
      assert.deepEqual(await of({ party: BOB }), ['q', 'r', 's']);
      assert.deepEqual(await of({ group: 'bob' }, { email: 'bob' }), ['u', 'v']);
      assert.deepEqual(await of({ anyone: true }), ['p']);
      assert.deepEqual(await of(), []);
      for (const id of ['s', 't', 'u', 'v']) await policies.delete(id, 'dora');
      assert.deepEqual(await policies.delete('r', 'alice'), policy('r'));
      assert.equal(await policies.delete('r', 'alice'), undefined);
      assert.equal(await policies.deleteOfResource('album'), 2);
      assert.deepEqual(await policies.ofResources(['album', 'photo']), []);
    });

    it('requests: one open item of a resource, party and client, widened when more is asked (ATK-26)', async (t) => {
      const { requests } = (await freshStore(driver, t)).stores;
      assert.deepEqual(await requests.file(request('a')), { request: request('a'), created: true });
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const again = await requests.file(request(`again-${attempt}`));
        assert.deepEqual(again, { request: request('a'), created: false });
      }
      const wider = await requests.file(request('b', { scopes: ['view', 'download'] }));
      assert.deepEqual(wider, { request: request('a', { scopes: ['view', 'download'] }), created: false });
      for (const more of [{ party: CHRIS }, { party: FOREIGN_BOB }, { client_id: 'other' }, { resource_id: 'album' }]) {
        assert.equal((await requests.file(request(`other-${JSON.stringify(more)}`, more))).created, true);
      }
      assert.equal((await requests.list('alice', {}, { limit: 100 })).items.length, 5);
    });

    it('decisions: every write that an assessment depends on changes the number of its owner, and of nobody else', async (t) => {
      const { decisions, resources, policies, requests } = (await freshStore(driver, t)).stores;
      const seen = new Set<number>();
      const writes: (() => Promise<unknown>)[] = [
        async () => {},
        () => resources.create(resource('photo')),
        () => resources.update('photo', ALICE_PHOTOS, { resource_scopes: [] }, NOW),
        () => policies.create(policy('p')),
        () => policies.update('p', 'alice', policy('p'), NOW),
        () => policies.delete('p', 'alice'),
        async () => {
          const { request: filed } = await requests.file(request('r'));
          await requests.decide(filed.id, 'alice', ['pending'], { status: 'denied', decided_at: NOW });
        },
        () => requests.delete('photo'),
        () => resources.delete('photo', ALICE_PHOTOS),
      ];
      for (const write of writes) {
        await write();
        seen.add(await decisions.version('alice'));
      }
      assert.equal(seen.size, writes.length);
      assert.equal(await decisions.version('bob'), 0);
    });

    it('requests: a decision is made once, and can be changed where it may', async (t) => {
      const { requests } = (await freshStore(driver, t)).stores;
      await requests.file(request('a', { scopes: ['view', 'download'] }));
      const approval = { status: 'approved' as const, decided_at: NOW + 1, granted_scopes: ['view'], message: 'ok' };
      const approved = { ...request('a', { scopes: ['view', 'download'] }), ...approval };
      assert.deepEqual(await requests.decide('a', 'alice', ['pending'], approval), approved);
      assert.equal(await requests.decide('a', 'alice', ['pending'], approval), undefined);
      assert.deepEqual(await requests.get('a', 'alice'), approved);
      assert.deepEqual(await requests.denied(['photo'], BOB), []);
      const no = await requests.decide('a', 'alice', ['pending', 'approved'], {
        status: 'denied',
        decided_at: NOW + 2,
      });
      const { granted_scopes: _, message: __, ...bare } = approved;
      assert.deepEqual(no, { ...bare, status: 'denied', decided_at: NOW + 2 });
      assert.deepEqual(await requests.denied(['album', 'photo', 'photo'], BOB), [no]);
      assert.deepEqual(await requests.denied(['photo'], FOREIGN_BOB), []);
      assert.equal((await requests.file(request('b'))).created, true, 'a decided request does not stand for a new one');
      const ids = async (filter: { status?: 'pending' | 'denied' }) =>
        (await everyPage((page) => requests.list('alice', filter, page))).map(({ id }) => id);
      assert.deepEqual([await ids({}), await ids({ status: 'pending' })], [['a', 'b'], ['b']]);
      await requests.file(request('c', { party: CHRIS }));
      assert.equal(await requests.delete('photo', BOB), 2);
      assert.equal(await requests.delete('photo'), 1);
    });

    it('history: newest first, by type and resource', async (t) => {
      const { history } = (await freshStore(driver, t)).stores;
      const entry = (id: string, type: 'rpt_issued' | 'policy_created', resource_id?: string) =>
        ({ id, type, at: NOW, owner: 'alice', ...(resource_id === undefined ? {} : { resource_id }) }) as const;
      const entries = [
        entry('1', 'rpt_issued', 'photo'),
        entry('2', 'policy_created', 'photo'),
        entry('3', 'rpt_issued'),
      ];
      for (const item of entries) await history.append(item);
      assert.deepEqual(await everyPage((page) => history.list('alice', {}, page)), entries.toReversed());
      const ids = async (filter: Parameters<typeof history.list>[1]) =>
        (await everyPage((page) => history.list('alice', filter, page))).map(({ id }) => id);
      assert.deepEqual(await ids({ type: 'rpt_issued' }), ['3', '1']);
      assert.deepEqual(await ids({ resource_id: 'photo' }), ['2', '1']);
      assert.deepEqual(await ids({ type: 'rpt_issued', resource_id: 'photo' }), ['1']);
      await history.append({ ...entry('4', 'rpt_issued'), party: BOB });
      await history.append({ ...entry('5', 'rpt_issued'), party: { ...BOB, iss: 'https://else.example' } });
      assert.deepEqual(await ids({ party: { ...BOB, name: 'Another name' } }), ['4']);
      assert.deepEqual(await ids({ party: BOB, type: 'policy_created' }), []);
    });

    it('artifacts: put, replace, find, delete', async (t) => {
      const { artifacts } = (await freshStore(driver, t)).stores;
      const full = artifact('DeviceCode', 'k', { grant_id: 'g', uid: 'u', user_code: 'ABCD' });
      await artifacts.put(artifact('DeviceCode', 'k'));
      await artifacts.put(full);
      await artifacts.put(artifact('Session', 'forever', { expires_at: undefined }));
      assert.deepEqual(await artifacts.get('DeviceCode', 'k', NOW), full);
      assert.deepEqual(await artifacts.payload('DeviceCode', 'k', NOW), full.payload);
      assert.deepEqual(await artifacts.findByUid('DeviceCode', 'u', NOW), full);
      assert.deepEqual(await artifacts.findByUserCode('DeviceCode', 'ABCD', NOW), full);
      assert.equal(await artifacts.findByUid('Session', 'u', NOW), undefined);
      const { expires_at: _, ...forever } = artifact('Session', 'forever');
      assert.deepEqual(await artifacts.get('Session', 'forever', NOW * 2), forever);
      await artifacts.put(artifact('AccessToken', 'token', { grant_id: 'g' }));
      await artifacts.put(artifact('AccessToken', 'else', { grant_id: 'h' }));
      await artifacts.deleteByGrant('g');
      assert.equal(await artifacts.get('DeviceCode', 'k', NOW), undefined);
      assert.equal(await artifacts.get('AccessToken', 'token', NOW), undefined);
      await artifacts.delete('AccessToken', 'else');
      assert.equal(await artifacts.get('AccessToken', 'else', NOW), undefined);
    });

    it('keys: newest first; the first key is added once', async (t) => {
      const { keys } = (await freshStore(driver, t)).stores;
      const key = (kid: string, created_at: number) => ({ kid, jwk: { kty: 'OKP', kid }, created_at });
      assert.deepEqual(await keys.addFirst(key('a', 1)), [key('a', 1)]);
      assert.deepEqual(await keys.addFirst(key('b', 2)), [key('a', 1)]);
      await keys.add(key('c', 3));
      await keys.add(key('d', 3));
      assert.deepEqual(await keys.list(), [key('d', 3), key('c', 3), key('a', 1)]);
      const sealed = { ...key('c', 3), jwk: { jwe: 'x' } };
      await keys.replace(sealed);
      await keys.replace(key('none', 3));
      assert.deepEqual(await keys.list(), [key('d', 3), sealed, key('a', 1)]);
      await keys.delete('c');
      assert.deepEqual(await keys.list(), [key('d', 3), key('a', 1)]);
    });
  });
}
