import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { askForInfo, returnedTicket, visit } from '../../interaction.ts';
import { claimsRedirect, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

/** Every way to read a token's parts as text. */
const readable = (token: string) =>
  [token, ...token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))].join(' ').toLowerCase();

export const check: Check = {
  requirements: [
    'GRANT-3.3.3-05',
    'GRANT-3.3.5-04',
    'GRANT-3.3.5-05',
    'GRANT-3.3.5-06',
    'GRANT-3.3.5-07',
    'GRANT-6.2-02',
    'GRANT-5.2-03',
  ],
  title: 'a PCT comes with the party’s consent only, says nothing, and saves the second asking',
  profile: 'claims',
  sends:
    'Interactions where the party lets its claims be kept, and where not; later a ticket with the PCT and no claims.',
  expects: 'A PCT only after consent, opaque and long, not in introspection; 200 with it.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const run = async (tick: boolean) => {
      const start = await askForInfo(t);
      const answer = await t.redeem({ ticket: returnedTicket(t, await visit(t, start, { tick })) });
      t.require(answer.status === 200, `the gathered claims got ${said(answer)}`);
      return answer;
    };
    const without = await run(false);
    t.expect(['GRANT-6.2-02', 'GRANT-3.3.3-05'], without.json.pct === undefined, 'a PCT came without consent');
    const pushed = await t.grant();
    t.expect(
      'GRANT-6.2-02',
      pushed.answer.json.pct === undefined,
      'a PCT came for pushed claims, without consent',
      pushed.answer,
    );
    // All that the last PCT waits for is done before it is issued: it may live for seconds only.
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const answers = [await run(true), await run(true), await run(true)];
    const pcts = answers.map(({ json }) => json.pct);
    if (pcts[0] === undefined) {
      t.notApplicable(
        ['GRANT-3.3.5-04', 'GRANT-3.3.5-05', 'GRANT-3.3.5-06', 'GRANT-3.3.5-07', 'GRANT-5.2-03'],
        'the server issues no PCT',
      );
      return;
    }
    t.expect(
      'GRANT-3.3.5-04',
      pcts.every((pct) => typeof pct === 'string' && pct !== ''),
      '"pct" is no string',
    );
    const last = String(pcts.at(-1));
    const again = await t.redeem({ ticket: await t.ticket(resource), pct: last });
    t.expect('GRANT-3.3.3-05', again.status === 200, `with the PCT: ${said(again)}`);
    t.expect(
      'GRANT-3.3.5-05',
      new Set(pcts).size === pcts.length && last.length >= 22,
      'PCTs repeat or are shorter than 128 bits',
    );
    const { username } = t.session.party(0);
    t.expect('GRANT-3.3.5-06', !readable(last).includes(username.toLowerCase()), 'the PCT shows who it is about');
    const opaque = last.split('.').length !== 3 || last.split('.').length === 5;
    t.expect('GRANT-3.3.5-07', opaque, 'the PCT is a signed, readable token instead of a handle or an encrypted one');
    const seen = await t.introspect(String(again.json.access_token));
    t.expect(
      'GRANT-5.2-03',
      !seen.response.body.includes(last) && !('pct' in seen.json),
      'introspection shows the PCT',
    );
  },
};
