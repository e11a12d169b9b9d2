import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { client, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.6-03', 'GRANT-3.3.6-04'],
  title: 'an asked scope that no resource of the ticket offers is an invalid scope',
  profile: 'core',
  sends: 'scope=no_such; a scope that the resource offers and the client is not registered for.',
  expects: '400 invalid_scope; 400 invalid_scope or an answer without that scope.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const [first, second] = t.config.scopes as [string, string];
    const resource = await t.resource({ scopes: [first, second] });
    await t.allow(resource, [first, second]);
    const unknown = await t.redeem({ ticket: await t.ticket(resource, [first]), party: 0, scope: 'no_such_scope' });
    t.expect(
      'GRANT-3.3.6-03',
      unknown.status === 400 && unknown.json.error === 'invalid_scope',
      `scope=no_such_scope got ${said(unknown)}`,
    );
    const missing = client('limited')(t.metadata, t.config);
    if (missing !== undefined) return t.notApplicable('GRANT-3.3.6-04', missing);
    const limited = await t.redeem({
      client: 'limited',
      ticket: await t.ticket(resource, [first]),
      party: 0,
      scope: second,
    });
    const scopes =
      limited.status === 200 ? (await t.permissions(limited.json.access_token as string))[resource.id] : [];
    const refused = limited.status === 400 && limited.json.error === 'invalid_scope';
    t.expect(
      'GRANT-3.3.6-04',
      refused || (limited.status === 200 && !(scopes ?? []).includes(second)) || limited.status === 403,
      `a scope beyond the client's registration got ${said(limited)}`,
      limited,
    );
  },
};
