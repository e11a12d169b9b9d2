import { setTimeout as wait } from 'node:timers/promises';
import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.6-15', 'GRANT-3.3.6-16', 'GRANT-3.3.6-17', 'GRANT-3.3.6-19', 'GRANT-5.5-06'],
  title: 'where the owner has to decide, the client polls with a new ticket each time',
  profile: 'core',
  sends:
    'A ticket of a party without a policy; polls with the newest ticket before and after the owner approved, and after a refusal.',
  expects:
    '403 request_submitted with a new ticket that outlives `interval`, again at the poll; 200 after approval; request_denied after refusal.',
  needs: [owner('approve')],
  slow: true,
  async run(t: Probe) {
    const submit = t.config.submit_members;
    const resource = await t.resource();
    const ticket = await t.ticket(resource);
    const first = await t.redeem({ ticket, party: 0, ...submit });
    t.expect(
      'GRANT-3.3.6-15',
      first.status === 403 && first.json.error === 'request_submitted',
      `a party without a policy got ${said(first)}`,
    );
    t.require(first.json.error === 'request_submitted', 'without request_submitted there is nothing to poll for');
    const { interval } = first.json;
    t.expect('GRANT-3.3.6-17', interval === undefined || typeof interval === 'number', '"interval" is no number');
    const polled = first.json.ticket;
    t.expect(
      'GRANT-3.3.6-16',
      typeof polled === 'string' && polled !== ticket,
      'request_submitted has no ticket, or the one that was sent',
    );
    t.require(typeof polled === 'string', 'without a ticket there is no polling');
    const seconds = typeof interval === 'number' ? interval : 0;
    if (seconds <= t.config.patience) await wait(seconds * 1000 + 1000);
    const second = await t.redeem({ ticket: polled, party: 0, ...submit });
    const again = second.status === 403 && second.json.error === 'request_submitted';
    const late = seconds <= t.config.patience;
    if (late) t.expect('GRANT-5.5-06', again, `the ticket was dead after interval + 1 s: ${said(second)}`);
    else t.notApplicable('GRANT-5.5-06', `interval (${seconds} s) is more than patience`);
    t.expect(
      'GRANT-3.3.6-16',
      again && typeof second.json.ticket === 'string' && second.json.ticket !== polled,
      `a poll before the decision got ${said(second)}, ticket ${second.json.ticket === polled ? 'unchanged' : 'new'}`,
    );
    await t.decide('approve', resource, resource.scopes.slice(0, 1));
    const approved = await t.redeem({ ticket: String(second.json.ticket), party: 0, ...submit });
    t.expect('GRANT-3.3.6-19', approved.status === 200, `after approval: ${said(approved)}`);
    const missing = owner('deny')(t.metadata, t.config);
    if (missing !== undefined) return;
    const other = await t.resource();
    const asked = await t.redeem({ ticket: await t.ticket(other), party: 0, ...submit });
    await t.decide('deny', other, []);
    const denied = await t.redeem({ ticket: String(asked.json.ticket), party: 0, ...submit });
    t.expect(
      'GRANT-3.3.6-19',
      denied.status === 403 && denied.json.error === 'request_denied',
      `after refusal: ${said(denied)}`,
    );
  },
};
