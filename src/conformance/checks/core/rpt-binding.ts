import type { Check } from '../../check.ts';
import { offers, owner, secondOwner, secondServer } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import type { Which } from '../../session.ts';

export const check: Check = {
  requirements: ['GRANT-1.3-01', 'ATK-12', 'SEC-7662-02', 'SEC-9700-14'],
  title: 'an RPT belongs to one owner and one resource server',
  profile: 'core',
  sends: 'Introspection of an RPT with the PAT of another owner, and of another resource server.',
  expects: '200 {"active":false} for both, active for its own; two owners’ RPTs differ.',
  needs: [offers('introspection_endpoint'), owner('allow'), secondOwner, secondServer],
  async run(t: Probe) {
    const { rpt } = await t.grant();
    const second = await t.grant({ owner: 1 });
    t.expect('GRANT-1.3-01', rpt !== second.rpt, 'the RPTs of two owners are the same');
    const own = await t.introspect(rpt);
    t.require(own.json.active === true, 'the RPT is not active for its own resource server');
    const cases: [string, Which, Which][] = [
      ["another owner's PAT", 1, 0],
      ['another resource server', 0, 1],
    ];
    for (const [whose, owner, rs] of cases) {
      const answer = await t.introspectAs(rpt, owner, rs);
      if (answer === undefined) continue;
      t.expect(
        ['GRANT-1.3-01', 'ATK-12', 'SEC-7662-02', 'SEC-9700-14'],
        answer.status === 200 && answer.json.active === false,
        `${whose} sees ${answer.status} active ${String(answer.json.active)}`,
      );
    }
  },
};
