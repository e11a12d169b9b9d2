import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner, ownerApi, secondServer } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-03'],
  title: 'a resource indicator that is not the ticket’s resource server is an invalid target',
  profile: 'security',
  sends: 'A ticket of one resource server with `resource` naming another origin.',
  expects: '400 invalid_target.',
  needs: [owner('allow'), ownerApi, secondServer],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const answer = await t.redeem({
      ticket: await t.ticket(resource),
      party: 0,
      resource: 'https://another-rs.example',
    });
    t.expect('ATK-03', answer.status === 400 && answer.json.error === 'invalid_target', `got ${said(answer)}`);
  },
};
