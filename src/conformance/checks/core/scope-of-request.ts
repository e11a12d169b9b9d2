import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner, secondParty } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.4-02'],
  title: 'only the scopes of the latest token request count',
  profile: 'core',
  sends: 'A request with one scope and no claims (need_info), then the new ticket with claims and another scope.',
  expects: 'An RPT without the scope of the first request.',
  needs: [owner('allow'), secondParty],
  async run(t: Probe) {
    const [first, second, third] = t.config.scopes as [string, string, string];
    const resource = await t.resource();
    await t.allow(resource, [first, second, third]);
    const asked = await t.redeem({ ticket: await t.ticket(resource, [first]), scope: second });
    t.require(asked.json.error === 'need_info', `need_info was expected, not ${said(asked)}`);
    const answer = await t.redeem({ ticket: asked.json.ticket as string, party: 0, scope: third });
    t.require(answer.status === 200, `an RPT was expected, not ${said(answer)}`);
    const got = (await t.permissions(answer.json.access_token as string))[resource.id] ?? [];
    t.expect('GRANT-3.3.4-02', !got.includes(second), `"${second}" of the earlier request is in the RPT: ${got}`);
  },
};
