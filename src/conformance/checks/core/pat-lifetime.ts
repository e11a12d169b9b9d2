import type { Check } from '../../check.ts';
import { offers } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-7-01', 'FED-8-01'],
  title: 'a PAT ends, and can be ended',
  profile: 'core',
  sends: 'A fresh PAT to the revocation endpoint, then to the protection API.',
  expects: '`expires_in` in its token answer; 401 after the revocation.',
  needs: [offers('revocation_endpoint')],
  async run(t: Probe) {
    const rs = t.session.rs(0);
    const request = { client: rs, person: t.session.owner(0), scope: t.config.pat_scope };
    const { access_token, expires_in } = await t.session.signIn(request, t.send, true);
    t.expect('FED-7-01', typeof expires_in === 'number' && expires_in > 0, 'a PAT without expires_in');
    const pat = String(access_token);
    const before = await t.protection('GET', t.resourceUrl(), pat);
    t.require(before.status === 200, `the fresh PAT got ${before.status}`);
    await t.send(t.session.tokenRequest(rs, { token: pat }, {}, t.session.endpoint('revocation_endpoint')));
    const after = await t.protection('GET', t.resourceUrl(), pat);
    t.expect(['FED-7-01', 'FED-8-01'], [401, 403].includes(after.status), `a revoked PAT got ${after.status}`);
  },
};
