import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { client } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.6-21'],
  title: 'a client that may not use the grant is told so',
  profile: 'core',
  sends: 'The uma-ticket grant by an authenticated client that is not registered for it.',
  expects: '400 unauthorized_client.',
  needs: [client('without_grant')],
  async run(t: Probe) {
    const resource = await t.resource();
    const answer = await t.redeem({ client: 'without_grant', ticket: await t.ticket(resource) });
    t.expect(
      'GRANT-3.3.6-21',
      answer.status === 400 && answer.json.error === 'unauthorized_client',
      `got ${said(answer)}`,
    );
  },
};
