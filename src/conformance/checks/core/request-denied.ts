import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { ownerApi } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.6-14'],
  title: 'a firm no ends the process',
  profile: 'core',
  sends: 'A ticket with the ID Token of a party whom a policy denies.',
  expects: '403 request_denied without a ticket.',
  needs: [ownerApi],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes, { policy: { effect: 'deny' } });
    const answer = await t.redeem({ ticket: await t.ticket(resource), party: 0 });
    t.expect(
      'GRANT-3.3.6-14',
      answer.status === 403 && answer.json.error === 'request_denied',
      `a denied party got ${said(answer)}`,
    );
    t.expect('GRANT-3.3.6-14', answer.json.ticket === undefined, 'request_denied carries a ticket');
  },
};
