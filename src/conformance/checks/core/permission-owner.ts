import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { secondOwner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-4-02'],
  title: 'one permission request concerns one owner',
  profile: 'core',
  sends: 'An array with a resource of each of two owners, with the PAT of the first.',
  expects: '400 invalid_resource_id and no ticket.',
  needs: [secondOwner],
  async run(t: Probe) {
    const mine = await t.resource();
    const theirs = await t.resource({ owner: 1 });
    const body = [mine, theirs].map(({ id }) => ({ resource_id: id, resource_scopes: t.config.scopes.slice(0, 1) }));
    const answer = await t.askTicket(body, await t.pat());
    t.expect(
      'FED-4-02',
      answer.status === 400 && answer.json.error === 'invalid_resource_id' && answer.json.ticket === undefined,
      `got ${said(answer)}`,
    );
  },
};
