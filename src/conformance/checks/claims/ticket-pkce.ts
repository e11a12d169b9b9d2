import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { askForInfo, returnedTicket, visit } from '../../interaction.ts';
import { sha256url, unguessable } from '../../jws.ts';
import { claimsRedirect, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-09'],
  title: 'PKCE for the ticket: who started the interaction is who redeems it',
  profile: 'claims',
  sends:
    'An interaction with code_challenge (S256), its ticket without a verifier, with a wrong one, with the right one; a verifier where no challenge was sent.',
  expects: '400 invalid_grant; 400 invalid_grant; 200; 400 invalid_grant.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const cases: [what: string, challenged: boolean, verifier: 'none' | 'wrong' | 'right', good: boolean][] = [
      ['no verifier', true, 'none', false],
      ['a wrong verifier', true, 'wrong', false],
      ['the right verifier', true, 'right', true],
      ['a verifier without a challenge', false, 'right', false],
    ];
    for (const [what, challenged, kind, good] of cases) {
      const verifier = unguessable(32);
      const challenge = { code_challenge: sha256url(verifier), code_challenge_method: 'S256' };
      const walk = await visit(t, await askForInfo(t), challenged ? { members: challenge } : {});
      const ticket = returnedTicket(t, walk);
      const code_verifier = kind === 'none' ? undefined : kind === 'right' ? verifier : unguessable(32);
      const answer = await t.redeem({ ticket, code_verifier });
      t.expect(
        'ATK-09',
        good ? answer.status === 200 : answer.status === 400 && answer.json.error === 'invalid_grant',
        `${what} got ${said(answer)}`,
      );
    }
  },
};
