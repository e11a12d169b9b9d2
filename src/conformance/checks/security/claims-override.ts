import type { Check } from '../../check.ts';
import { keyOf, signJws } from '../../jws.ts';
import { claimIssuer, ownerApi } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export const check: Check = {
  requirements: ['ATK-20'],
  title: 'pushed claims change no fact of the server',
  profile: 'security',
  sends:
    'A claim token of a trusted issuer with time, client, IP and policy facts as claims, where the policy is for another client and has ended.',
  expects: 'No RPT.',
  needs: [claimIssuer, ownerApi],
  async run(t: Probe) {
    const { issuer, private_jwk } = t.config.claim_issuer!;
    const sub = 'conformance-visitor';
    const now = Math.floor(Date.now() / 1000);
    const subject = { party: { iss: issuer, sub } };
    const client_id = t.session.client('main').client_id;
    const lies = {
      now: 1,
      time: 1,
      'kc.time.date_time': '2000-01-01 00:00:00',
      current_time: 1,
      client_id: 'another-client',
      clientId: 'another-client',
      'kc.client.id': 'another-client',
      azp: client_id,
      owner: sub,
      resource_owner: sub,
      ip: '127.0.0.1',
      policies: [],
      effect: 'allow',
    };
    const claim_token = signJws(
      keyOf(private_jwk),
      { iss: issuer, sub, aud: client_id, iat: now, exp: now + 300, ...lies },
      { typ: 'JWT' },
    );
    const cases: [string, object][] = [
      ['a policy for another client', { clients: ['another-client'] }],
      ['a policy that has ended', { expires_at: now - 60 }],
    ];
    for (const [what, policy] of cases) {
      const resource = await t.resource();
      await t.allow(resource, resource.scopes, { policy: { subject, ...policy } });
      const answer = await t.redeem({ ticket: await t.ticket(resource), claim_token, claim_token_format: ID_TOKEN });
      t.expect('ATK-20', answer.status !== 200, `${what} was satisfied by pushed claims`);
    }
  },
};
