import type { Check } from '../../check.ts';
import { unguessable } from '../../jws.ts';
import { client, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-7009-02', 'SEC-7009-03', 'SEC-7009-04', 'SEC-7009-05'],
  title: 'revocation: own tokens only, any hint, refresh tokens with their RPTs',
  profile: 'security',
  sends: 'A random token; another client’s RPT; an RPT with a wrong hint; a refresh token.',
  expects: '200 and nothing; the RPT lives on; 200 and inactive; 200 and the RPT inactive too.',
  needs: [offers('revocation_endpoint'), owner('allow'), client('other')],
  async run(t: Probe) {
    const revoke = (role: 'main' | 'other', token: string, hint?: string) => {
      const url = t.session.endpoint('revocation_endpoint');
      return t.send(t.session.tokenRequest(t.session.client(role), { token, token_type_hint: hint }, {}, url));
    };
    const unknown = await revoke('main', unguessable(32));
    t.expect('SEC-7009-02', unknown.status === 200, `a random token got ${unknown.status}`);
    const { rpt } = await t.grant({ fresh: true });
    await revoke('other', rpt);
    const alive = await t.introspect(rpt);
    t.expect('SEC-7009-03', alive.json.active === true, "another client's revocation ended the RPT");
    const done = await revoke('main', rpt, 'refresh_token');
    t.expect('SEC-7009-02', done.status === 200, `revoking an RPT got ${done.status}`);
    const dead = await t.introspect(rpt);
    t.expect('SEC-7009-05', dead.json.active === false, 'with a wrong hint the RPT was not revoked');
    const family = await t.grant({ fresh: true });
    const { refresh_token } = family.answer.json;
    if (typeof refresh_token !== 'string') {
      t.notApplicable('SEC-7009-04', 'the RPT came without a refresh token');
      return;
    }
    await revoke('main', refresh_token);
    const after = await t.introspect(family.rpt);
    t.expect('SEC-7009-04', after.json.active === false, 'the RPT outlived its revoked refresh token');
  },
};
