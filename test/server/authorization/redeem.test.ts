import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { keyOf, newSecret } from '../../../src/server/authorization/secrets.ts';
import { type Fixture, FOREIGN, fixture, ISSUER } from './fixture.ts';

const bob = { iss: ISSUER, sub: 'bob' };
const share = (resource_id: string, scopes: string[]) => ({
  resource_id,
  effect: 'allow' as const,
  scopes,
  subject: { party: bob },
});

describe('the uma-ticket grant (UMA Grant 3.3)', () => {
  it('plays the walkthrough: submitted, approved, granted, revoked', async () => {
    const { authority, owner, register, ticket, redeem, domain, clock } = await fixture();
    const id = await register(['view', 'download']);
    const first = await redeem(await ticket(id, ['download']));
    assert.equal(first.status, 403);
    assert.equal(first.body.error, 'request_submitted');
    assert.match(
      String(first.body.error_description),
      /^The client is not authorised to access the requested resource set\. A request has been submitted/,
    );

    const { items } = await owner.requests.list('alice', { status: 'pending' }, { limit: 10 });
    assert.deepEqual(
      items.map(({ scopes, party }) => ({ scopes, party })),
      [{ scopes: ['download'], party: bob }],
    );
    await owner.requests.approve('alice', items[0]!.id, {});

    const second = await redeem(String(first.body.ticket));
    assert.equal(second.status, 200);
    assert.deepEqual(
      Object.keys(second.body).sort(),
      ['access_token', 'expires_in', 'token_type'],
      'GRANT-3.3.5-10: no scope member',
    );
    const rpt = String(second.body.access_token);
    const active = await authority.introspect(rpt, domain, clock.now);
    assert.equal(active?.active, true);
    assert.deepEqual(active?.permissions, [{ resource_id: id, resource_scopes: ['download'], exp: clock.now + 3600 }]);
    assert.equal('scope' in active, false, 'FED-5.1.1-02');

    await owner.revoke('alice', { resource_id: id, party: bob });
    assert.deepEqual((await authority.introspect(rpt, domain, clock.now)) ?? { active: false }, { active: false });
    assert.equal((await redeem(await ticket(id, ['download']))).body.error, 'request_submitted');
  });

  it('GRANT-3.3.6-19: after a refusal a poll gets request_denied, without a ticket', async () => {
    const { owner, register, ticket, redeem } = await fixture();
    const id = await register(['view']);
    const first = await redeem(await ticket(id, ['view']));
    const { items } = await owner.requests.list('alice', {}, { limit: 10 });
    await owner.requests.deny('alice', items[0]!.id, {});
    const answer = await redeem(String(first.body.ticket));
    assert.deepEqual([answer.status, answer.body.error, 'ticket' in answer.body], [403, 'request_denied', false]);
  });

  it('GRANT-3.3.6-16 ATK-26: polling gives a new ticket each time and files one request', async () => {
    const { owner, register, ticket, redeem } = await fixture();
    const id = await register(['view']);
    const seen = new Set<string>();
    let next = await ticket(id, ['view']);
    for (let poll = 0; poll < 5; poll += 1) {
      const answer = await redeem(next);
      next = String(answer.body.ticket);
      seen.add(next);
      assert.equal(answer.body.interval, 5);
    }
    assert.equal(seen.size, 5);
    assert.equal((await owner.requests.list('alice', {}, { limit: 10 })).items.length, 1);
  });

  it('GRANT-5.5-02: of 100 parallel redemptions of one ticket exactly one gets an RPT', async () => {
    const { owner, register, ticket, redeem } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const secret = await ticket(id, ['view']);
    const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(secret)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ body }) => body.error === 'invalid_grant').length, 99);
  });

  it('GRANT-3.3.6-02: unknown, expired and used tickets', async () => {
    const { register, ticket, redeem, clock } = await fixture();
    const id = await register(['view']);
    const used = await ticket(id, ['view']);
    await redeem(used);
    const expired = await ticket(id, ['view']);
    for (const secret of [newSecret(), used]) assert.equal((await redeem(secret)).body.error, 'invalid_grant');
    clock.now += 121;
    const answer = await redeem(expired);
    assert.deepEqual(answer, {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'The provided access grant is invalid, expired, or revoked.' },
    });
  });

  it('GRANT-5.5-05: a ticket replayed by another client kills the RPT it gave, by the same client not', async () => {
    const { authority, owner, register, ticket, redeem, context, domain, clock } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const secret = await ticket(id, ['view']);
    const rpt = String((await redeem(secret)).body.access_token);
    await redeem(secret);
    assert.equal((await authority.introspect(rpt, domain, clock.now))?.active, true);
    await authority.redeem({ ticket: secret }, context({ client: { id: 'Thief', self_registered: false } }));
    assert.equal(await authority.introspect(rpt, domain, clock.now), undefined);
  });

  it('ATK-08: a rotated ticket belongs to the client that presented the first, and stays usable for it', async () => {
    const { authority, owner, register, ticket, redeem, context, idToken } = await fixture();
    const id = await register(['view']);
    const next = String((await redeem(await ticket(id, ['view']))).body.ticket);
    const thief = context({ client: { id: 'Thief', self_registered: false } });
    const stolen = await authority.redeem(
      { ticket: next, claim_token: await idToken(), claim_token_format: ID_TOKEN_FORMAT },
      thief,
    );
    assert.equal(stolen.body.error, 'invalid_grant');
    await owner.policies.create('alice', share(id, ['view']));
    assert.equal((await redeem(next)).status, 200);
  });

  it('GRANT-3.3.1-03: half of a claim token is invalid_request and does not burn the ticket', async () => {
    const { authority, register, ticket, redeem, context } = await fixture();
    const secret = await ticket(await register(['view']), ['view']);
    assert.equal(
      (await authority.redeem({ ticket: secret, claim_token: 'x' }, context())).body.error,
      'invalid_request',
    );
    assert.equal((await redeem(secret)).body.error, 'request_submitted');
  });

  it('GRANT-3.3.6-05 to -10: no claim token gives need_info, and claims can be pushed on the next request', async () => {
    const { authority, owner, register, ticket, redeem, context } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const secret = await ticket(id, ['view']);
    const { status, body } = await authority.redeem({ ticket: secret }, context());
    assert.deepEqual([status, body.error], [403, 'need_info']);
    assert.notEqual(body.ticket, secret);
    assert.deepEqual(body.required_claims, [
      {
        name: 'sub',
        friendly_name: 'who the requesting party is',
        claim_token_format: [ID_TOKEN_FORMAT],
        issuer: [ISSUER, FOREIGN],
      },
    ]);
    assert.equal((await redeem(String(body.ticket))).status, 200);
  });

  it('a bad claim token is need_info with the reason', async () => {
    const { authority, register, ticket, context, idToken } = await fixture();
    const claim_token = await idToken({}, { audience: 'other' });
    const answer = await authority.redeem(
      { ticket: await ticket(await register(['view']), ['view']), claim_token, claim_token_format: ID_TOKEN_FORMAT },
      context(),
    );
    assert.equal(answer.body.error, 'need_info');
    assert.match(String(answer.body.error_description), /another client/);
  });

  it('GRANT-5.7-02: a client that registered itself may not push claims', async () => {
    const { authority, register, ticket, context, idToken } = await fixture();
    const answer = await authority.redeem(
      {
        ticket: await ticket(await register(['view']), ['view']),
        claim_token: await idToken(),
        claim_token_format: ID_TOKEN_FORMAT,
      },
      context({ client: { id: 'UmaClient', self_registered: true } }),
    );
    assert.equal(answer.body.error, 'need_info');
  });

  it('a trusted foreign issuer is believed, and its bob is not our bob', async () => {
    const { authority, owner, register, ticket, context, idToken } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const claim_token = await idToken({}, { issuer: FOREIGN });
    const answer = await authority.redeem(
      { ticket: await ticket(id, ['view']), claim_token, claim_token_format: ID_TOKEN_FORMAT },
      context(),
    );
    assert.equal(answer.body.error, 'request_submitted');
    const { items } = await owner.requests.list('alice', {}, { limit: 10 });
    assert.deepEqual(items[0]?.party, { iss: FOREIGN, sub: 'bob' });
  });

  it('ATK-03: "resource" must be an origin of the resource server that made the ticket', async () => {
    const { register, ticket, redeem } = await fixture();
    const id = await register(['view']);
    assert.equal(
      (await redeem(await ticket(id, ['view']), { resource: 'https://evil.example/x' })).body.error,
      'invalid_target',
    );
    assert.equal(
      (await redeem(await ticket(id, ['view']), { resource: 'https://photos.example/a.jpg' })).body.error,
      'request_submitted',
    );
  });

  it('ATK-02: the answer confirms the origin that was named, where it is known; without it, it says nothing', async () => {
    const { register, ticket, redeem, owner } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const answerTo = async (params: Record<string, string>) => (await redeem(await ticket(id, ['view']), params)).body;
    assert.equal((await answerTo({ resource: 'https://photos.example/a.jpg' })).resource, 'https://photos.example');
    assert.equal((await answerTo({})).resource, undefined);
  });

  it('FED-3-01 Q10: a ticket for a resource that is gone is invalid_grant', async () => {
    const { authority, stores, register, ticket, redeem, domain } = await fixture();
    const id = await register(['view']);
    const secret = await ticket(id, ['view']);
    await stores.resources.delete(id, domain);
    await authority.resourceDeleted(id);
    assert.equal((await redeem(secret)).body.error, 'invalid_grant');
  });

  it('ATK-12: an RPT is inactive for another owner or resource server', async () => {
    const { authority, owner, register, ticket, redeem, clock } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const rpt = String((await redeem(await ticket(id, ['view']))).body.access_token);
    for (const other of [
      { owner: 'alice', rs: 'rs2' },
      { owner: 'carol', rs: 'rs1' },
    ]) {
      assert.deepEqual(await authority.introspect(rpt, other, clock.now), { active: false });
    }
  });

  it('GRANT-3.3.5-08, -5.1-03, -04: an own RPT is upgraded, and the old string is dead', async () => {
    const { authority, owner, register, ticket, redeem, domain, clock } = await fixture();
    const [a, b] = [await register(['view']), await register(['view'])];
    for (const id of [a, b]) await owner.policies.create('alice', share(id, ['view']));
    const old = String((await redeem(await ticket(a, ['view']))).body.access_token);
    const { body } = await redeem(await ticket(b, ['view']), { rpt: old });
    assert.equal(body.upgraded, true);
    const answer = await authority.introspect(String(body.access_token), domain, clock.now);
    assert.deepEqual(
      ((answer?.permissions ?? []) as { resource_id: string }[]).map(({ resource_id }) => resource_id).sort(),
      [a, b].sort(),
    );
    assert.equal(await authority.introspect(old, domain, clock.now), undefined);
    assert.equal('upgraded' in (await redeem(await ticket(b, ['view']), { rpt: newSecret() })).body, false, 'Q6');
  });

  it('GRANT-3.6-02 -03 -04, SEC-9700-12: refresh narrows, never widens, is not assessed, and a second use ends the family', async () => {
    const { authority, owner, register, ticket, idToken, context, domain, clock } = await fixture();
    const id = await register(['view', 'download']);
    await owner.policies.create('alice', share(id, ['view', 'download']));
    const refreshing = context({ client: { id: 'UmaClient', self_registered: false, may_refresh: true } });
    const request = {
      ticket: await ticket(id, ['view', 'download']),
      claim_token: await idToken(),
      claim_token_format: ID_TOKEN_FORMAT,
    };
    const { body } = await authority.redeem(request, refreshing);
    const token = String(body.refresh_token);
    assert.equal((await authority.refresh(token, 'fly', refreshing))?.body.error, 'invalid_scope');
    const narrow = await authority.refresh(token, 'view', refreshing);
    const answer = await authority.introspect(String(narrow?.body.access_token), domain, clock.now);
    assert.deepEqual(((answer?.permissions ?? []) as { resource_scopes: string[] }[])[0]?.resource_scopes, ['view']);
    assert.equal((await authority.refresh(token, undefined, refreshing))?.body.error, 'invalid_grant');
    assert.notEqual((await authority.refresh(String(narrow?.body.refresh_token), undefined, refreshing))?.status, 200);
  });

  it('GRANT-6.1-01: withdrawing the policy makes RPT and refresh token useless', async () => {
    const { authority, owner, register, ticket, idToken, context, domain, clock } = await fixture();
    const id = await register(['view']);
    const policy = await owner.policies.create('alice', share(id, ['view']));
    const refreshing = context({ client: { id: 'UmaClient', self_registered: false, may_refresh: true } });
    const request = {
      ticket: await ticket(id, ['view']),
      claim_token: await idToken(),
      claim_token_format: ID_TOKEN_FORMAT,
    };
    const { body } = await authority.redeem(request, refreshing);
    await owner.policies.delete('alice', policy.id);
    assert.notEqual((await authority.introspect(String(body.access_token), domain, clock.now))?.active, true);
    assert.notEqual((await authority.refresh(String(body.refresh_token), undefined, refreshing))?.status, 200);
  });

  it('a JWT RPT carries its permissions and is introspected like an opaque one', async () => {
    const { authority, owner, register, ticket, redeem, domain, clock } = await fixture({
      rpt_format: 'jwt',
      rpt_ttl: 300,
    });
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const rpt = String((await redeem(await ticket(id, ['view']))).body.access_token);
    const payload = JSON.parse(Buffer.from(rpt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
    assert.deepEqual(payload.permissions, [{ resource_id: id, resource_scopes: ['view'], exp: clock.now + 300 }]);
    assert.equal(payload.aud, 'rs1');
    assert.equal((await authority.introspect(rpt, domain, clock.now))?.active, true);
  });

  it('GRANT-1.3-01: the JWT RPT of a foreign bob is not one of our bob', async () => {
    const { authority, owner, register, ticket, context, idToken } = await fixture({ rpt_format: 'jwt' });
    const id = await register(['view']);
    const foreign = { iss: FOREIGN, sub: 'bob' };
    await owner.policies.create('alice', { ...share(id, ['view']), subject: { anyone: true } });
    const payloadFor = async (issuer: string) => {
      const claim_token = await idToken({}, { issuer });
      const request = { ticket: await ticket(id, ['view']), claim_token, claim_token_format: ID_TOKEN_FORMAT };
      const rpt = String((await authority.redeem(request, context())).body.access_token);
      return JSON.parse(Buffer.from(rpt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
    };
    const ours = await payloadFor(ISSUER);
    const theirs = await payloadFor(FOREIGN);
    assert.deepEqual([ours.sub, ours.requesting_party], ['bob', bob]);
    assert.deepEqual([theirs.sub, theirs.requesting_party], [`${FOREIGN}#bob`, foreign]);
  });

  it('GRANT-3.7-01: only the client that an RPT was issued to revokes it', async () => {
    const { authority, owner, register, ticket, redeem, domain, clock } = await fixture();
    const id = await register(['view']);
    await owner.policies.create('alice', share(id, ['view']));
    const rpt = String((await redeem(await ticket(id, ['view']))).body.access_token);
    assert.equal(await authority.revoke(rpt, 'other', clock.now), false);
    assert.equal((await authority.introspect(rpt, domain, clock.now))?.active, true);
    assert.equal(await authority.revoke(rpt, 'UmaClient', clock.now), true);
    assert.equal(await authority.introspect(rpt, domain, clock.now), undefined);
  });

  it('a policy that is withdrawn while the RPT is being issued leaves no RPT behind', async () => {
    const { authority, owner, stores, register, ticket, redeem, domain, clock } = await fixture();
    const id = await register(['view']);
    const policy = await owner.policies.create('alice', share(id, ['view']));
    // The revocation comes in after the decision and is acknowledged before the RPT is stored.
    const { put } = stores.rpts;
    const issued: string[] = [];
    stores.rpts.put = async (rpt) => {
      stores.rpts.put = put;
      await owner.policies.delete('alice', policy.id);
      issued.push(rpt.key);
      await put(rpt);
    };
    assert.equal((await redeem(await ticket(id, ['view']))).body.error, 'request_submitted');
    assert.equal(issued.length, 1);
    assert.equal(await stores.rpts.get(issued[0]!, clock.now), undefined);
    assert.equal(await authority.introspect(issued[0]!, domain, clock.now), undefined);
  });

  for (const [name, withdraw] of [
    ['policy', ({ owner }: Fixture, { policy }: Shared) => owner.policies.delete('alice', policy)],
    ['resource', ({ authority }: Fixture, { id }: Shared) => authority.resourceDeleted(id)],
    ['family, by a second use,', ({ stores }: Fixture, { family }: Shared) => stores.refreshes.revokeFamily(family)],
  ] as const) {
    for (const step of ['take', 'rpts.put', 'refreshes.put'] as const) {
      it(`GRANT-6.1-01: a ${name} that ends while a refresh is at ${step} leaves neither RPT nor refresh token`, async () => {
        const all = await fixture();
        const { authority, owner, stores, register, ticket, idToken, context, clock } = all;
        const id = await register(['view']);
        const { id: policy } = await owner.policies.create('alice', share(id, ['view']));
        const refreshing = context({ client: { id: 'UmaClient', self_registered: false, may_refresh: true } });
        const claims = { claim_token: await idToken(), claim_token_format: ID_TOKEN_FORMAT };
        const { body } = await authority.redeem({ ticket: await ticket(id, ['view']), ...claims }, refreshing);
        const token = String(body.refresh_token);
        const { family } = (await stores.refreshes.get(keyOf(token), clock.now))!;
        const made: { rpts: string[]; refreshes: string[] } = { rpts: [], refreshes: [] };
        const { take, put } = stores.refreshes;
        const { put: putRpt } = stores.rpts;
        const at = async (here: typeof step) => {
          if (here === step) await withdraw(all, { policy, id, family });
        };
        stores.refreshes.take = async (...given) => {
          const taken = await take(...given);
          await at('take');
          return taken;
        };
        stores.rpts.put = async (rpt) => {
          await at('rpts.put');
          made.rpts.push(rpt.key);
          await putRpt(rpt);
        };
        stores.refreshes.put = async (refresh) => {
          await at('refreshes.put');
          made.refreshes.push(refresh.key);
          await put(refresh);
        };
        await authority.refresh(token, undefined, refreshing);
        assert.ok(made.rpts.length > 0 && made.refreshes.length > 0, 'the refresh had overtaken the withdrawal');
        for (const key of made.rpts) assert.equal(await stores.rpts.get(key, clock.now), undefined);
        for (const key of made.refreshes) assert.equal(await stores.refreshes.get(key, clock.now), undefined);
      });
    }
  }
});

interface Shared {
  policy: string;
  id: string;
  family: string;
}
