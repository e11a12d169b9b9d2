import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { ownerApi } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-26'],
  title: 'the same request again fills no inbox',
  profile: 'security',
  sends: '12 tickets for the same resource, scope, party and client, and polls in between.',
  expects: 'One pending request.',
  needs: [ownerApi],
  async run(t: Probe) {
    const resource = await t.resource();
    let last = await t.redeem({ ticket: await t.ticket(resource), party: 0 });
    t.require(last.json.error === 'request_submitted', `request_submitted was expected, not ${said(last)}`);
    for (let index = 0; index < 11; index += 1) {
      const poll = index % 2 === 0 && typeof last.json.ticket === 'string';
      last = await t.redeem({ ticket: poll ? String(last.json.ticket) : await t.ticket(resource), party: 0 });
    }
    const pending = await t.pendingRequests(resource);
    t.expect('ATK-26', pending.length === 1, `${pending.length} requests wait for the owner`);
  },
};
