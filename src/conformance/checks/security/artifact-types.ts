import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner, redirect } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-21'],
  title: 'codes, tickets and tokens are told apart, and consumed once even in parallel',
  profile: 'security',
  sends:
    'An authorization code, a refresh token and an RPT as ticket; a ticket as authorization code and as refresh token; one code redeemed 10 times at once.',
  expects: 'A refusal of all but one redemption of the code.',
  needs: [owner('allow'), redirect('main')],
  async run(t: Probe) {
    const main = t.session.client('main');
    const { answer, resource } = await t.grant();
    const request = { client: main, person: t.session.party(0), scope: 'openid' };
    const { walk, verifier } = await t.session.authorize(request, (raw) => t.session.send(raw));
    const code = walk.returned?.searchParams.get('code') ?? undefined;
    t.require(code !== undefined, 'the login pages gave no code', walk.answer);
    const refused = (found: { status: number; json: Record<string, unknown> }) =>
      found.status >= 400 && found.status < 500;
    const others: [string, unknown][] = [
      ['an authorization code', code],
      ['a refresh token', answer.json.refresh_token],
      ['an RPT', answer.json.access_token],
    ];
    for (const [what, ticket] of others) {
      if (typeof ticket !== 'string') continue;
      const found = await t.redeem({ ticket, party: 0 });
      t.expect('ATK-21', refused(found), `${what} as ticket got ${said(found)}`);
    }
    const asCode = await t.send(t.session.codeRequest(main, await t.ticket(resource), verifier));
    t.expect('ATK-21', refused(asCode), `a ticket as code got ${said(asCode)}`);
    const members = { grant_type: 'refresh_token', refresh_token: await t.ticket(resource) };
    const asRefresh = await t.send(t.session.tokenRequest(main, members));
    t.expect('ATK-21', refused(asRefresh), `a ticket as refresh token got ${said(asRefresh)}`);
    const race = await Promise.all(
      Array.from({ length: 10 }, () => t.send(t.session.codeRequest(main, code, verifier))),
    );
    const winners = race.filter(({ status }) => status === 200);
    t.expect(
      'ATK-21',
      winners.length === 1,
      `${winners.length} of 10 parallel redemptions of a code won`,
      winners.slice(0, 2),
    );
  },
};
