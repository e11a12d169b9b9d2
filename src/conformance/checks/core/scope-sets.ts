import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { client, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.4-02', 'GRANT-3.3.4-03', 'GRANT-3.3.4-04', 'GRANT-3.3.4-05'],
  title: 'requested scopes: those of the ticket, and the asked ones where they are registered and offered',
  profile: 'core',
  sends:
    'A ticket for one scope on two resources of which one offers a second scope, with that scope asked; the same by a client registered for only one scope.',
  expects:
    'The asked scope on the resource that offers it and on no other; nothing that the client is not registered for.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const [first, second, third] = t.config.scopes as [string, string, string];
    const wide = await t.resource({ scopes: [first, second] });
    const narrow = await t.resource({ scopes: [first] });
    await t.allow(wide, [first, second]);
    await t.allow(narrow, [first]);
    const ticket = await t.ticketFor([
      { resource: wide, scopes: [first] },
      { resource: narrow, scopes: [first] },
    ]);
    const answer = await t.redeem({ ticket, party: 0, scope: second });
    t.require(answer.status === 200, `an RPT was expected, not ${said(answer)}`);
    const got = await t.permissions(answer.json.access_token as string);
    t.expect(
      'GRANT-3.3.4-03',
      String(got[wide.id]) === String([first, second].sort()),
      `not both scopes: ${JSON.stringify(got)}`,
    );
    t.expect(
      'GRANT-3.3.4-04',
      String(got[narrow.id]) === first,
      `the resource without "${second}" has ${got[narrow.id]}`,
    );
    const several = await t.resource({ scopes: [first, second, third] });
    await t.allow(several, [first, second]);
    const plain = await t.redeem({ ticket: await t.ticket(several, [first]), party: 0 });
    const only = plain.status === 200 ? await t.permissions(plain.json.access_token as string) : {};
    t.expect(
      'GRANT-3.3.4-05',
      String(only[several.id]) === first,
      `only "${first}" was asked, the RPT has ${only[several.id]}`,
    );
    const missing = client('limited')(t.metadata, t.config);
    if (missing !== undefined) return t.notApplicable('GRANT-3.3.4-02', missing);
    const limited = await t.redeem({
      client: 'limited',
      ticket: await t.ticket(wide, [first]),
      party: 0,
      scope: second,
    });
    const has = limited.status === 200 ? await t.permissions(limited.json.access_token as string) : {};
    t.expect(
      'GRANT-3.3.4-02',
      !(has[wide.id] ?? []).includes(second),
      `a client that is not registered for "${second}" got it by asking`,
    );
  },
};
