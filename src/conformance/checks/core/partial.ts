import type { Check } from '../../check.ts';
import { permissionsIn } from '../../flow.ts';
import { said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.4-01', 'GRANT-3.3.4-07'],
  title: 'the example of the Recommendation: album and photos, never more than the candidate sets',
  profile: 'core',
  sends:
    'A ticket for album {edit}, photo1 {view}, photo2 {view} with download asked, where the policy allows only photo1 view.',
  expects: '200 with only photo1 view, or 403 request_denied, request_submitted or need_info.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const [view, download, edit] = t.config.scopes as [string, string, string];
    const album = await t.resource({ scopes: [edit, download] });
    const photo1 = await t.resource({ scopes: [view, download] });
    const photo2 = await t.resource({ scopes: [view, download] });
    await t.allow(photo1, [view]);
    const ticket = await t.ticketFor([
      { resource: album, scopes: [edit] },
      { resource: photo1, scopes: [view] },
      { resource: photo2, scopes: [view] },
    ]);
    const answer = await t.redeem({ ticket, party: 0, scope: download });
    if (answer.status !== 200) {
      const refused = ['request_denied', 'request_submitted', 'need_info'].includes(String(answer.json.error));
      t.expect(
        ['GRANT-3.3.4-01', 'GRANT-3.3.4-07'],
        answer.status === 403 && refused,
        `a partly allowed request got ${said(answer)}`,
      );
      return;
    }
    const seen = await t.introspect(answer.json.access_token as string);
    const granted = Object.entries(permissionsIn(seen.json)).filter(([, scopes]) => scopes.length > 0);
    t.expect(
      ['GRANT-3.3.4-01', 'GRANT-3.3.4-07'],
      JSON.stringify(granted) === JSON.stringify([[photo1.id, [view]]]),
      `more or less than photo1 ${view} was granted: ${JSON.stringify(granted)}`,
      [answer, seen],
    );
  },
};
