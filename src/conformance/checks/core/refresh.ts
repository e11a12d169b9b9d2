import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { grants, owner, ownerApi } from '../../needs.ts';
import { ownerApi as ownerRequest } from '../../owners.ts';
import type { Probe } from '../../probe.ts';

const ROWS = ['GRANT-3.6-01', 'GRANT-3.6-02', 'GRANT-3.6-03', 'GRANT-3.6-04'];

export const check: Check = {
  requirements: [...ROWS, 'SEC-9700-13', 'SEC-7009-01'],
  title: 'a refreshed RPT has what the old one had, or less, without a new assessment',
  profile: 'core',
  sends:
    'The refresh token of an RPT with two scopes: plainly, for one of them, for a third one, after the policy was changed to ask for another claim, and after its revocation.',
  expects:
    '200 with the same permissions; 200 with that scope only; 400 invalid_scope; 200 all the same; 400 invalid_grant.',
  needs: [grants('refresh_token'), owner('allow')],
  async run(t: Probe) {
    const [first, second, third] = t.config.scopes as [string, string, string];
    const start = (fresh = false) => t.grant({ scopes: [first, second], fresh });
    const refresh = (refresh_token: unknown, scope?: string) =>
      t.send(
        t.session.tokenRequest(t.session.client('main'), {
          grant_type: 'refresh_token',
          refresh_token: String(refresh_token),
          scope,
        }),
      );
    const { answer, resource } = await start();
    if (answer.json.refresh_token === undefined) {
      t.notApplicable([...ROWS, 'SEC-9700-13', 'SEC-7009-01'], 'the RPT came without a refresh token');
      return;
    }
    const again = await refresh(answer.json.refresh_token);
    t.expect('GRANT-3.6-01', again.status === 200, `refresh got ${said(again)}`);
    // It carries no claims, so a server that assessed it could only ask for them.
    t.expect('GRANT-3.6-03', again.status === 200, `a refresh without claims got ${said(again)}`);
    const all = [first, second].sort();
    const kept = (await t.permissions(String(again.json.access_token)))[resource.id];
    t.expect('GRANT-3.6-01', String(kept) === String(all), `the refreshed RPT has ${kept ?? 'no permission'}`);
    t.expect(
      'GRANT-3.6-04',
      (kept ?? []).every((scope) => all.includes(scope)),
      `the refreshed RPT has ${kept}`,
    );
    const newest = (from: { json: Record<string, unknown> }, before: unknown) => from.json.refresh_token ?? before;
    const more = await refresh(newest(again, answer.json.refresh_token), third);
    t.expect(
      ['GRANT-3.6-04', 'SEC-9700-13'],
      more.status === 400 && more.json.error === 'invalid_scope',
      `refresh for a scope never granted got ${said(more)}`,
    );
    const narrow = await start();
    const less = await refresh(narrow.answer.json.refresh_token, first);
    if (less.status !== 200) t.notApplicable('GRANT-3.6-02', `the server refuses to narrow: ${said(less)}`);
    else {
      const left = (await t.permissions(String(less.json.access_token)))[narrow.resource.id];
      t.expect('GRANT-3.6-02', String(left) === first, `asked for "${first}" only, the RPT has ${left}`, less);
    }
    const assessed = await start();
    const missing = assessed.policy === undefined ? ownerApi(t.metadata, t.config) : undefined;
    if (missing !== undefined) t.notApplicable('GRANT-3.6-03', missing);
    else {
      const policy = {
        resource_id: assessed.resource.id,
        effect: 'allow',
        scopes: [first, second],
        subject: { party: await t.session.partyOf(t.session.send, t.session.party(0)) },
        claims: [{ name: 'conformance_extra_claim', values: ['never'] }],
      };
      const path = `/policies/${assessed.policy}`;
      const changed = await t.send(ownerRequest(t.session, await t.ownerToken(), 'PUT', path, policy));
      t.require(changed.status === 200, `the policy could not be changed: ${changed.status}`);
      const unassessed = await refresh(assessed.answer.json.refresh_token);
      // A server may take a tightened policy for a withdrawal; what it must not do is ask for more.
      const withdrawn = unassessed.status === 400 && unassessed.json.error === 'invalid_grant';
      t.expect('GRANT-3.6-03', unassessed.status === 200 || withdrawn, `refresh was assessed: ${said(unassessed)}`);
    }
    if (t.metadata.revocation_endpoint === undefined) {
      t.notApplicable('SEC-7009-01', 'the metadata has no revocation_endpoint');
      return;
    }
    const last = await start(true);
    const token = String(last.answer.json.refresh_token);
    await t.send(
      t.session.tokenRequest(t.session.client('main'), { token }, {}, t.session.endpoint('revocation_endpoint')),
    );
    const dead = await refresh(token);
    t.expect(
      'SEC-7009-01',
      dead.status === 400 && dead.json.error === 'invalid_grant',
      `a revoked refresh token got ${said(dead)}`,
    );
  },
};
