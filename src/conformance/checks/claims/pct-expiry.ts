import { setTimeout as wait } from 'node:timers/promises';
import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { askForInfo, returnedTicket, visit } from '../../interaction.ts';
import { claimsRedirect, expiryOf, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.4-08'],
  title: 'persisted claims lose their worth in time',
  profile: 'claims',
  sends: 'A PCT a second after its configured lifetime.',
  expects: 'need_info.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow'), expiryOf('pct')],
  slow: true,
  async run(t: Probe) {
    const ticket = returnedTicket(t, await visit(t, await askForInfo(t), { tick: true }));
    const answer = await t.redeem({ ticket });
    const { pct } = answer.json;
    if (typeof pct !== 'string') return t.notApplicable('GRANT-3.3.4-08', 'the server issues no PCT');
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    await wait((t.config.lifetimes.pct ?? 0) * 1000 + 1100);
    const late = await t.redeem({ ticket: await t.ticket(resource), pct });
    t.expect('GRANT-3.3.4-08', late.json.error === 'need_info', `an expired PCT got ${said(late)}`);
  },
};
