import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-6.1-01', 'FED-3.2.4-02'],
  title: 'what the owner withdraws, and what is deregistered, is gone from tokens at once',
  profile: 'core',
  sends:
    'Introspection and refresh after the owner withdrew access; introspection, ticket and list after the resource was deleted.',
  expects: 'The RPT inactive or without the permission, refresh invalid_grant; nothing of the deleted resource works.',
  needs: [owner('allow'), owner('withdraw')],
  async run(t: Probe) {
    const { rpt, resource, answer } = await t.grant();
    await t.withdraw(resource);
    const left = await t.permissions(rpt);
    t.expect(
      'GRANT-6.1-01',
      left[resource.id] === undefined,
      'the RPT still has the permission that the owner withdrew',
    );
    if (answer.json.refresh_token !== undefined) {
      const members = { grant_type: 'refresh_token', refresh_token: String(answer.json.refresh_token) };
      const refreshed = await t.send(t.session.tokenRequest(t.session.client('main'), members));
      t.expect(
        'GRANT-6.1-01',
        refreshed.status === 400 && refreshed.json.error === 'invalid_grant',
        `refresh after the withdrawal got ${said(refreshed)}`,
      );
    }
    const deleted = await t.grant();
    const waiting = await t.ticket(deleted.resource);
    const gone = await t.protection('DELETE', t.resourceUrl(deleted.resource.id), await t.pat());
    t.require(gone.status === 200 || gone.status === 204, `delete got ${gone.status}`);
    const list = await t.protection('GET', t.resourceUrl(), await t.pat());
    const listed = Array.isArray(list.value) && list.value.includes(deleted.resource.id);
    t.expect('FED-3.2.4-02', !listed, 'the deleted resource is still listed');
    const after = await t.permissions(deleted.rpt);
    t.expect(
      'FED-3.2.4-02',
      after[deleted.resource.id] === undefined,
      'the RPT still has a permission on the deleted resource',
    );
    const redeemed = await t.redeem({ ticket: waiting, party: 0 });
    t.expect('FED-3.2.4-02', redeemed.status !== 200, 'a ticket for the deleted resource became an RPT');
  },
};
