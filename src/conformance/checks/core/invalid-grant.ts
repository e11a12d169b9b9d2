import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { unguessable } from '../../jws.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.6-02'],
  title: 'an unknown, used or deregistered ticket is an invalid grant',
  profile: 'core',
  sends: 'A random ticket; a ticket a second time.',
  expects: '400 invalid_grant for each.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const random = await t.redeem({ ticket: unguessable(32), party: 0 });
    t.expect(
      'GRANT-3.3.6-02',
      random.status === 400 && random.json.error === 'invalid_grant',
      `an unknown ticket got ${said(random)}`,
    );
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const ticket = await t.ticket(resource);
    const once = await t.redeem({ ticket, party: 0 });
    t.require(once.status === 200, `the first use got ${said(once)}`);
    const twice = await t.redeem({ ticket, party: 0 });
    t.expect(
      'GRANT-3.3.6-02',
      twice.status === 400 && twice.json.error === 'invalid_grant',
      `a used ticket got ${said(twice)}`,
    );
  },
};
