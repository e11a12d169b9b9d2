import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { keyOf, signJws } from '../../jws.ts';
import { claimIssuer, ownerApi } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export const check: Check = {
  requirements: ['GRANT-3.3.6-05', 'GRANT-3.3.6-11', 'GRANT-5.2-08'],
  title: 'any one of the named issuers will do, and its token must be in time',
  profile: 'core',
  sends: 'ID Tokens of the second trusted issuer: a good one, an expired one.',
  expects: '200; 403 need_info.',
  needs: [claimIssuer, ownerApi],
  async run(t: Probe) {
    const { issuer, private_jwk } = t.config.claim_issuer!;
    const sub = 'conformance-visitor';
    const resource = await t.resource();
    await t.allow(resource, resource.scopes, { policy: { subject: { party: { iss: issuer, sub } } } });
    const now = Math.floor(Date.now() / 1000);
    const aud = t.session.client('main').client_id;
    const push = async (claims: object) => {
      const payload = { iss: issuer, sub, aud, iat: now, exp: now + 300, ...claims };
      const claim_token = signJws(keyOf(private_jwk), payload, { typ: 'JWT' });
      return t.redeem({ ticket: await t.ticket(resource), claim_token, claim_token_format: ID_TOKEN });
    };
    const good = await push({});
    t.expect('GRANT-3.3.6-11', good.status === 200, `the token of a trusted issuer got ${said(good)}`);
    const expired = await push({ iat: now - 7200, exp: now - 3600 });
    t.expect(
      ['GRANT-3.3.6-05', 'GRANT-5.2-08'],
      expired.status === 403 && expired.json.error === 'need_info',
      `an expired claim token got ${said(expired)}`,
    );
  },
};
