import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { tamper } from '../../jws.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export const check: Check = {
  requirements: ['GRANT-3.3.6-05'],
  title: 'a claim token that cannot be believed leads to need_info, not to an error of its own',
  profile: 'core',
  sends: 'An ID Token with a broken signature; text that is no token; an unknown claim_token_format.',
  expects: '403 need_info each time.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const good = await t.idToken();
    const cases: [what: string, token: string, format: string][] = [
      ['a broken signature', tamper(good), ID_TOKEN],
      ['text that is no JWT', 'bm90LWEtdG9rZW4', ID_TOKEN],
      ['an unknown format', good, 'urn:example:no-such-format'],
    ];
    for (const [what, claim_token, claim_token_format] of cases) {
      const answer = await t.redeem({ ticket: await t.ticket(resource), claim_token, claim_token_format });
      t.expect(
        'GRANT-3.3.6-05',
        answer.status === 403 && answer.json.error === 'need_info',
        `a claim token with ${what} got ${said(answer)}`,
      );
    }
  },
};
