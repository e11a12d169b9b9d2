import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { client, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-08'],
  title: 'after the first presentation the process belongs to that client',
  profile: 'security',
  sends: 'A ticket by one client (need_info), then the new ticket by another one.',
  expects: '400 invalid_grant for the other client, and the ticket still good for the first.',
  needs: [client('other'), owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const info = await t.redeem({ ticket: await t.ticket(resource) });
    t.require(typeof info.json.ticket === 'string', `need_info was expected, not ${said(info)}`);
    const stolen = await t.redeem({ client: 'other', ticket: info.json.ticket, party: 0 });
    t.expect(
      'ATK-08',
      stolen.status === 400 && stolen.json.error === 'invalid_grant',
      `another client's use of a rotated ticket got ${said(stolen)}`,
    );
    const own = await t.redeem({ ticket: info.json.ticket, party: 0 });
    t.expect('ATK-08', own.status === 200, `its own client then got ${said(own)}`);
  },
};
