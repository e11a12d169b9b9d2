import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const types: Record<string, (value: unknown) => boolean> = {
  claim_token_format: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  issuer: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  claim_type: (value) => typeof value === 'string',
  friendly_name: (value) => typeof value === 'string',
  name: (value) => typeof value === 'string',
};

export const check: Check = {
  requirements: [
    'GRANT-3.3.6-05',
    'GRANT-3.3.6-06',
    'GRANT-3.3.6-07',
    'GRANT-3.3.6-08',
    'GRANT-3.3.6-09',
    'GRANT-3.3.6-10',
    'GRANT-3.3.6-12',
  ],
  title: 'who brings no claims where the policy needs them is asked for information, with a new ticket',
  profile: 'core',
  sends: 'A ticket without any claims; then the new ticket with an ID Token.',
  expects: '403 need_info with a new ticket and required_claims or redirect_user, well typed; then 200.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const ticket = await t.ticket(resource);
    const answer = await t.redeem({ ticket });
    const { json } = answer;
    t.expect('GRANT-3.3.6-05', answer.status === 403 && json.error === 'need_info', `no claims got ${said(answer)}`);
    t.require(json.error === 'need_info', 'without need_info there is nothing more to look at');
    t.expect('GRANT-3.3.6-06', typeof json.ticket === 'string' && json.ticket !== '', 'need_info has no "ticket"');
    t.expect(
      'GRANT-3.3.6-07',
      json.required_claims !== undefined || json.redirect_user !== undefined,
      'neither "required_claims" nor "redirect_user"',
    );
    t.expect(
      'GRANT-3.3.6-08',
      typeof json.ticket === 'string' && json.ticket !== ticket,
      'no ticket, or the one that was sent',
    );
    if (json.required_claims === undefined) t.notApplicable('GRANT-3.3.6-10', 'need_info came without required_claims');
    else {
      const list: unknown[] = Array.isArray(json.required_claims) ? json.required_claims : [null];
      const wrong = list.find(
        (entry) =>
          typeof entry !== 'object' ||
          entry === null ||
          Object.entries(types).some(([name, is]) => name in entry && !is((entry as Record<string, unknown>)[name])),
      );
      t.expect(
        'GRANT-3.3.6-10',
        wrong === undefined,
        `a member of required_claims has a wrong type: ${JSON.stringify(wrong)}`,
      );
    }
    if (json.redirect_user === undefined) t.notApplicable('GRANT-3.3.6-12', 'need_info came without redirect_user');
    else {
      const url = String(json.redirect_user);
      t.expect('GRANT-3.3.6-12', URL.canParse(url), `redirect_user ${url} is not an absolute URI`);
      const secure = url.startsWith('https:') || t.config.issuer.startsWith('http:');
      t.expect('GRANT-3.3.6-12', secure, 'redirect_user is not https');
    }
    t.require(typeof json.ticket === 'string', 'need_info gave no ticket to go on with', answer);
    const next = await t.redeem({ ticket: String(json.ticket), party: 0 });
    t.expect('GRANT-3.3.6-09', next.status === 200, `the new ticket with claims got ${said(next)}`);
  },
};
