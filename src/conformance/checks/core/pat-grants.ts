import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { grants } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-1.3-06', 'FED-1.4-02'],
  title: 'PATs come by any grant and can be renewed while the owner is away',
  profile: 'core',
  sends: 'client_credentials with scope uma_protection by the resource server; a refresh of an owner’s PAT.',
  expects: 'A working PAT, or a plain refusal of the grant; a working PAT after refresh.',
  async run(t: Probe) {
    const rs = t.session.rs(0);
    const own = await t.send(
      t.session.tokenRequest(rs, { grant_type: 'client_credentials', scope: t.config.pat_scope }),
    );
    const works =
      own.status === 200 && (await t.protection('GET', t.resourceUrl(), String(own.json.access_token))).status === 200;
    const refused =
      own.status === 400 &&
      ['unauthorized_client', 'unsupported_grant_type', 'invalid_scope'].includes(String(own.json.error));
    t.expect('FED-1.3-06', works || refused, `client credentials got ${said(own)} or a PAT that does not work`);
    const missing = grants('refresh_token')(t.metadata, t.config);
    const request = { client: rs, person: t.session.owner(0), scope: t.config.pat_scope };
    const first = await t.session.signIn(request, t.send, true);
    if (missing !== undefined || typeof first.refresh_token !== 'string') {
      t.notApplicable('FED-1.4-02', missing ?? 'a PAT comes without a refresh token');
      return;
    }
    const renewed = await t.send(
      t.session.tokenRequest(rs, { grant_type: 'refresh_token', refresh_token: first.refresh_token }),
    );
    const after = await t.protection('GET', t.resourceUrl(), String(renewed.json.access_token));
    t.expect(
      'FED-1.4-02',
      renewed.status === 200 && after.status === 200,
      `refresh ${renewed.status}, then ${after.status}`,
      [renewed, after],
    );
  },
};
