import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-5.5-02', 'GRANT-5.5-03'],
  title: 'a ticket is good for one presentation, also when it led to need_info',
  profile: 'core',
  sends:
    'A ticket twice one after the other; 20 parallel redemptions of one ticket; a ticket that led to need_info again with claims.',
  expects: 'One 200 and 400 invalid_grant for every other; 400 invalid_grant.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    await t.idToken();
    const refused = (answer: { status: number; json: Record<string, unknown> }) =>
      answer.status === 400 && answer.json.error === 'invalid_grant';
    const ticket = await t.ticket(resource);
    const once = await t.redeem({ ticket, party: 0 });
    const twice = await t.redeem({ ticket, party: 0 });
    t.expect(
      'GRANT-5.5-02',
      once.status === 200 && refused(twice),
      `first use ${once.status}, second use ${said(twice)}`,
      [once, twice],
    );
    const raced = await t.ticket(resource);
    const answers = await Promise.all(Array.from({ length: 20 }, () => t.redeem({ ticket: raced, party: 0 })));
    const winners = answers.filter(({ status }) => status === 200);
    t.expect(
      'GRANT-5.5-02',
      winners.length === 1,
      `${winners.length} of 20 parallel redemptions won`,
      winners.slice(0, 2),
    );
    t.expect(
      'GRANT-5.5-02',
      answers.filter(refused).length === 19,
      'a losing redemption was not answered 400 invalid_grant',
      answers.find((answer) => answer.status !== 200 && !refused(answer)),
    );
    const asked = await t.ticket(resource);
    const info = await t.redeem({ ticket: asked });
    t.require(info.status === 403, `a redemption without claims got ${info.status}`);
    const reused = await t.redeem({ ticket: asked, party: 0 });
    t.expect('GRANT-5.5-03', refused(reused), `the ticket that led to need_info got ${said(reused)}`);
  },
};
