import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import { basic, FORM } from '../../session.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:uma-ticket';

export const check: Check = {
  requirements: ['GRANT-3.3.1-14', 'GRANT-3.3.6-20', 'ATK-22'],
  title: 'the client is authenticated before the ticket is touched',
  profile: 'core',
  sends:
    'A good ticket with a wrong secret, with a user’s access token as bearer instead of client authentication, then properly.',
  expects: '401 invalid_client with a Basic challenge; 401 invalid_client; then 200 for the same ticket.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const ticket = await t.ticket(resource);
    const id = t.session.client('main').client_id;
    const post = (authorization: string) =>
      t.send({
        method: 'POST',
        url: t.metadata.token_endpoint,
        headers: { 'content-type': FORM, authorization },
        body: new URLSearchParams({ grant_type: GRANT, ticket }).toString(),
      });
    const wrong = await post(basic(id, 'not-the-secret'));
    t.expect(
      'GRANT-3.3.6-20',
      wrong.status === 401 && wrong.json.error === 'invalid_client',
      `a wrong secret got ${said(wrong)}`,
    );
    t.expect(
      'GRANT-3.3.6-20',
      /\bbasic\b/i.test(wrong.headers['www-authenticate'] ?? ''),
      'the refusal of Basic has no WWW-Authenticate: Basic',
    );
    const person = await post(`Bearer ${await t.pat()}`);
    t.expect(
      'GRANT-3.3.1-14',
      person.status === 401 && person.json.error === 'invalid_client',
      `a person's access token as client authentication got ${said(person)}`,
    );
    const proper = await t.redeem({ ticket, party: 0 });
    t.expect('ATK-22', proper.status === 200, `the ticket was burnt by the failed attempts: ${said(proper)}`);
  },
};
