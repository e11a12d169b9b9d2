import { formRequest } from '../../browser.ts';
import type { Check } from '../../check.ts';
import { formsOf } from '../../html.ts';
import { askForInfo, visit } from '../../interaction.ts';
import { claimsRedirect, offers, owner, secondParty } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import { homeOf } from '../../session.ts';

export const check: Check = {
  requirements: ['GRANT-5.1-01'],
  title: 'nothing is agreed to without the party at its own page',
  profile: 'claims',
  sends:
    'A second interaction of a signed-in party; its consent form without its hidden values, and from another person’s browser.',
  expects: 'A page that asks; no ticket for the forged forms; a ticket for its own.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow'), secondParty],
  async run(t: Probe) {
    const home = homeOf(t.session.client('main').claims_redirect_uris[0] ?? '');
    const victim = t.browser();
    const first = await visit(t, await askForInfo(t), { browser: victim });
    t.require(
      first.returned?.searchParams.has('ticket') === true,
      'the first interaction gave no ticket',
      first.answer,
    );
    const page = await visit(t, await askForInfo(t), { browser: victim, pause: true });
    t.expect(
      'GRANT-5.1-01',
      page.returned === undefined,
      'a signed-in party is sent back with a ticket without being asked',
      page.answer,
    );
    const form = formsOf(page.answer.response.body, page.url).find(({ method }) => method === 'POST');
    t.require(form !== undefined, 'the page that asks has no form', page.answer);
    const [button] = form.buttons.filter(
      ({ label, value }) => !/deny|cancel|no\b|refuse|decline/i.test(`${label} ${value}`),
    );
    const pressed = button === undefined || button.name === '' ? {} : { [button.name]: button.value };
    const bare = { ...form, fields: form.fields.filter(({ type }) => type !== 'hidden') };
    const forged = await victim.follow(formRequest(bare, pressed), home);
    t.expect(
      'GRANT-5.1-01',
      forged.returned?.searchParams.has('ticket') !== true,
      'the form without its hidden values was accepted',
      forged.answer,
    );
    const attacker = t.browser();
    await visit(t, await askForInfo(t), { browser: attacker, party: 1, pause: true });
    const crossed = await attacker.follow(formRequest(form, pressed), home);
    t.expect(
      'GRANT-5.1-01',
      crossed.returned?.searchParams.has('ticket') !== true,
      "the form was accepted from another person's browser",
      crossed.answer,
    );
    const own = await victim.follow(formRequest(form, pressed), home);
    t.expect(
      'GRANT-5.1-01',
      own.returned?.searchParams.has('ticket') === true,
      "the forged forms used up the party's own interaction",
      own.answer,
    );
  },
};
