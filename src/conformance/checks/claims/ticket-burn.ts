import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { askForInfo, interactionUrl, returnedTicket, visit } from '../../interaction.ts';
import { claimsRedirect, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-5.5-03', 'ATK-07'],
  title: 'a ticket that was presented at the claims endpoint is dead at the token endpoint, and the other way round',
  profile: 'claims',
  sends:
    'A ticket to the claims endpoint and then to the token endpoint, before and after the party’s visit; a redeemed ticket to the claims endpoint.',
  expects: '400 invalid_grant; an error by redirect.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const opened = await askForInfo(t);
    await t.browser().request({ method: 'GET', url: interactionUrl(t, opened, {}) });
    const after = await t.redeem({ ticket: opened.ticket, party: 0 });
    t.expect(
      'GRANT-5.5-03',
      after.status === 400 && after.json.error === 'invalid_grant',
      `a ticket presented at the claims endpoint got ${said(after)}`,
    );
    const started = await askForInfo(t);
    const walk = await visit(t, started);
    returnedTicket(t, walk);
    const fixed = await t.redeem({ ticket: started.ticket });
    t.expect(
      'ATK-07',
      fixed.status === 400 && fixed.json.error === 'invalid_grant',
      `the starter's old ticket got ${said(fixed)} after the party's visit`,
    );
    const redeemed = await askForInfo(t);
    await t.redeem({ ticket: redeemed.ticket });
    const late = await visit(t, redeemed, { members: { state: 's' } });
    t.expect(
      'GRANT-5.5-03',
      late.returned?.searchParams.has('ticket') !== true,
      'a ticket presented at the token endpoint was good for the claims endpoint',
      late.answer,
    );
  },
};
