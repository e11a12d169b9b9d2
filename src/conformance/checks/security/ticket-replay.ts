import type { Check } from '../../check.ts';
import { client, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-5.5-05'],
  title: 'a replayed ticket ends the tokens that came of it',
  profile: 'security',
  sends: 'A ticket, then the same ticket by another client, then introspection of the RPT.',
  expects: 'The RPT is inactive.',
  needs: [offers('introspection_endpoint'), owner('allow'), client('other')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const ticket = await t.ticket(resource);
    const first = await t.redeem({ ticket, party: 0 });
    t.require(first.status === 200, `the first use got ${first.status}`);
    await t.redeem({ client: 'other', ticket, party: 0 });
    const seen = await t.introspect(String(first.json.access_token));
    t.expect(
      'GRANT-5.5-05',
      seen.json.active === false,
      'the RPT stays active although another client had its ticket too',
    );
  },
};
