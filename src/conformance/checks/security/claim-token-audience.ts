import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { client, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export const check: Check = {
  requirements: ['GRANT-5.7-03'],
  title: 'the ID Token of one client is worth nothing in the hands of another',
  profile: 'security',
  sends:
    'A ticket with an ID Token of the same server that was issued to another client; an access token as claim token.',
  expects: 'A refusal of both.',
  needs: [client('other'), owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    for (const [what, claim_token] of [
      ['the ID Token of another client', await t.idToken(0, 'other')],
      ["the owner's access token", await t.pat()],
    ] as const) {
      const answer = await t.redeem({ ticket: await t.ticket(resource), claim_token, claim_token_format: ID_TOKEN });
      t.expect('GRANT-5.7-03', answer.status >= 400 && answer.status < 500, `${what} got ${said(answer)}`);
    }
  },
};
