import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9700-10'],
  title: 'there is no password grant',
  profile: 'security',
  sends: 'grant_type=password with good credentials.',
  expects: '400 unsupported_grant_type (or unauthorized_client), and not in grant_types_supported.',
  async run(t: Probe) {
    const { username, password } = t.session.party(0);
    const members = { grant_type: 'password', username, password, scope: 'openid' };
    const answer = await t.send(t.session.tokenRequest(t.session.client('main'), members));
    t.expect(
      'SEC-9700-10',
      answer.status === 400 && ['unsupported_grant_type', 'unauthorized_client'].includes(String(answer.json.error)),
      `got ${answer.status} ${String(answer.json.error ?? 'a token')}`,
    );
    const types = t.metadata.grant_types_supported;
    t.expect('SEC-9700-10', !Array.isArray(types) || !types.includes('password'), 'the metadata offers it');
  },
};
