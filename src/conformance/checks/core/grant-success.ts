import type { Check } from '../../check.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: [
    'GRANT-3.3.5-01',
    'GRANT-3.3.5-02',
    'GRANT-3.3.5-03',
    'GRANT-3.3.5-10',
    'GRANT-3.3.4-06',
    'FED-4-03',
    'GRANT-3.3.5.1-01',
  ],
  title: 'a ticket whose permissions the policy allows becomes an RPT',
  profile: 'core',
  sends: 'A permission request, then the ticket with the ID Token of a party whom the owner allowed.',
  expects:
    '200 application/json with access_token and token_type, no scope, Cache-Control: no-store; permissions as asked.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    const scopes = resource.scopes.slice(0, 2);
    await t.allow(resource, resource.scopes);
    const answer = await t.redeem({ ticket: await t.ticket(resource, scopes), party: 0 });
    const { json, headers } = answer;
    t.expect('GRANT-3.3.5-01', answer.status === 200, `status ${answer.status} instead of 200`);
    const type = headers['content-type'] ?? 'absent';
    t.expect('GRANT-3.3.5-01', /^application\/json\b/i.test(type), `Content-Type is ${type}`);
    const rpt = json.access_token;
    t.expect(
      'GRANT-3.3.5-01',
      typeof rpt === 'string' && typeof json.token_type === 'string',
      '"access_token" or "token_type" is no string',
    );
    t.expect('GRANT-3.3.5-02', /\bno-store\b/.test(headers['cache-control'] ?? ''), 'no Cache-Control: no-store');
    const { expires_in, refresh_token, upgraded } = json;
    t.expect(
      'GRANT-3.3.5-03',
      expires_in === undefined || Number.isInteger(expires_in),
      '"expires_in" is not a whole number',
    );
    t.expect(
      'GRANT-3.3.5-03',
      refresh_token === undefined || typeof refresh_token === 'string',
      '"refresh_token" is no string',
    );
    t.expect('GRANT-3.3.5-10', json.scope === undefined, '"scope" is in the success answer');
    t.expect('GRANT-3.3.5.1-01', upgraded === undefined || upgraded === false, '"upgraded" without an rpt to upgrade');
    t.require(typeof rpt === 'string', 'there is no RPT to look into');
    const permissions = await t.permissions(rpt);
    const exact = JSON.stringify(permissions) === JSON.stringify({ [resource.id]: [...scopes].sort() });
    t.expect(
      ['GRANT-3.3.4-06', 'FED-4-03'],
      exact,
      `the RPT has ${JSON.stringify(permissions)}, asked were ${scopes.join(', ')} on ${resource.id}`,
    );
    const again = await t.redeem({ ticket: 'no-such-ticket', party: 0 });
    t.expect('GRANT-3.3.5-02', /\bno-store\b/.test(again.headers['cache-control'] ?? ''), 'an error lacks no-store');
  },
};
