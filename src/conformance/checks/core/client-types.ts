import type { Check } from '../../check.ts';
import { client, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3-02'],
  title: 'confidential and public clients may use the grant',
  profile: 'core',
  sends: 'The grant by a client with a secret, and by one with nothing but its client_id.',
  expects: '200 for both.',
  needs: [client('public'), owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const confidential = await t.redeem({ ticket: await t.ticket(resource), party: 0 });
    t.expect('GRANT-3.3-02', confidential.status === 200, `the confidential client got ${confidential.status}`);
    const open = await t.redeem({ client: 'public', ticket: await t.ticket(resource), party: 0 });
    t.expect('GRANT-3.3-02', open.status === 200, `the public client got ${open.status}`);
  },
};
