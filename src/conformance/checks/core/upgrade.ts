import type { Check } from '../../check.ts';
import { owner, secondParty } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const both = (permissions: Record<string, string[]>, ids: readonly string[]) =>
  ids.every((id) => (permissions[id] ?? []).length > 0);

export const check: Check = {
  requirements: ['GRANT-3.3.5-08', 'GRANT-3.3.5.1-01', 'GRANT-3.3.5.1-02', 'GRANT-3.3.5.1-03', 'GRANT-3.3.5.1-04'],
  title: 'upgrading an RPT is honest and leaves one token',
  profile: 'core',
  sends:
    'A second ticket with the first RPT as `rpt`; the same again for other resources; a third party’s RPT as `rpt`.',
  expects: 'With both permissions `upgraded: true` and the old RPT inactive; with only the new one no `upgraded`.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const rows = ['GRANT-3.3.5-08', 'GRANT-3.3.5.1-01'];
    const first = await t.grant();
    const next = await t.grant({ members: { rpt: first.rpt } });
    const seen = await t.introspect(next.rpt);
    const upgraded = both(await t.permissions(next.rpt), [first.resource.id, next.resource.id]);
    t.expect(
      rows,
      (next.answer.json.upgraded === true) === upgraded,
      `"upgraded" is ${String(next.answer.json.upgraded)}, but the RPT ${upgraded ? 'has' : 'lacks'} the old permissions`,
      [next.answer, seen],
    );
    const third = await t.grant({ members: { rpt: next.rpt } });
    t.expect(
      'GRANT-3.3.5.1-02',
      third.answer.json.upgraded === next.answer.json.upgraded,
      'the same kind of request was upgraded once and once not',
      [next.answer, third.answer],
    );
    if (!upgraded) {
      t.notApplicable(['GRANT-3.3.5.1-03', 'GRANT-3.3.5.1-04'], 'the server does not upgrade RPTs');
      return;
    }
    t.expect('GRANT-3.3.5.1-03', next.answer.json.upgraded === true, '"upgraded" is not true', next.answer);
    const old = await t.introspect(first.rpt);
    const same = first.rpt === next.rpt;
    t.expect('GRANT-3.3.5.1-04', same || old.json.active === false, 'the old RPT is still active');
    if (secondParty(t.metadata, t.config) !== undefined) return;
    const foreign = await t.grant({ party: 1, members: { rpt: third.rpt } });
    const got = await t.permissions(foreign.rpt);
    t.expect(
      rows,
      !both(got, [third.resource.id]) && foreign.answer.json.upgraded !== true,
      "another party's RPT was upgraded: its permissions moved to this party",
      foreign.answer,
    );
  },
};
