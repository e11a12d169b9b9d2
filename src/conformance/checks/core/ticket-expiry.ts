import { setTimeout as wait } from 'node:timers/promises';
import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { expiryOf, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.6-02', 'GRANT-5.5-03'],
  title: 'an expired ticket is an invalid grant',
  profile: 'core',
  sends: 'A ticket, a second after its configured lifetime.',
  expects: '400 invalid_grant.',
  needs: [expiryOf('ticket'), owner('allow')],
  slow: true,
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    await t.idToken();
    const ticket = await t.ticket(resource);
    await wait((t.config.lifetimes.ticket ?? 0) * 1000 + 1100);
    const answer = await t.redeem({ ticket, party: 0 });
    t.expect(
      ['GRANT-3.3.6-02', 'GRANT-5.5-03'],
      answer.status === 400 && answer.json.error === 'invalid_grant',
      `an expired ticket got ${said(answer)}`,
    );
  },
};
