import type { Check } from '../../check.ts';
import { askForInfo, visit } from '../../interaction.ts';
import { claimsRedirect, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.3-09'],
  title: 'a failed interaction comes back with error and state',
  profile: 'claims',
  sends: 'A good redirect URI with an unknown ticket, and with none; a party who says no.',
  expects: 'A redirect with error and state, access_denied for the last, without a ticket.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const start = await askForInfo(t);
    const cases: [what: string, ticket: string | undefined][] = [
      ['an unknown ticket', 'no-such-ticket'],
      ['no ticket', undefined],
    ];
    for (const [what, ticket] of cases) {
      const walk = await visit(t, start, { members: { ticket, state: 'xyz' } });
      const params = walk.returned?.searchParams;
      t.expect(
        'GRANT-3.3.3-09',
        params?.get('error') != null && params.get('state') === 'xyz' && !params.has('ticket'),
        `${what} led to ${walk.returned?.search ?? `a page with status ${walk.answer.status}`}`,
        walk.answer,
      );
    }
    const refusal = await visit(t, start, { agree: false, members: { state: 'xyz' } });
    const params = refusal.returned?.searchParams;
    t.expect(
      'GRANT-3.3.3-09',
      params?.get('error') === 'access_denied' && params.get('state') === 'xyz' && !params.has('ticket'),
      `a party who says no led to ${refusal.returned?.search ?? `a page with status ${refusal.answer.status}`}`,
      refusal.answer,
    );
  },
};
