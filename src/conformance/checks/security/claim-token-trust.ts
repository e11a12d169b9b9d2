import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { keyOf, newKey, signJws } from '../../jws.ts';
import { claimIssuer, client, ownerApi } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export const check: Check = {
  requirements: ['ATK-19', 'GRANT-5.7-03'],
  title: 'a claim token is believed only from a trusted issuer, for this client, in time, with a good signature',
  profile: 'security',
  sends:
    'Claim tokens with another issuer, audience, authorized party, algorithm, key, type or time than the good one.',
  expects: '200 for the good one, a refusal of every other.',
  needs: [claimIssuer, ownerApi],
  async run(t: Probe) {
    const { issuer, private_jwk } = t.config.claim_issuer!;
    const key = keyOf(private_jwk);
    const sub = 'conformance-visitor';
    const resource = await t.resource();
    await t.allow(resource, resource.scopes, { policy: { subject: { party: { iss: issuer, sub } } } });
    const now = Math.floor(Date.now() / 1000);
    const aud = t.session.client('main').client_id;
    const claims = { iss: issuer, sub, aud, iat: now, exp: now + 300 };
    const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const stranger = newKey();
    const cases: [what: string, token: string][] = [
      ['another client as audience', signJws(key, { ...claims, aud: 'another-client' })],
      [
        'two audiences and another azp',
        signJws(key, { ...claims, aud: [aud, 'another-client'], azp: 'another-client' }),
      ],
      ['no audience', signJws(key, { ...claims, aud: undefined })],
      ['an untrusted issuer', signJws(key, { ...claims, iss: 'https://untrusted.example' })],
      ['no issuer', signJws(key, { ...claims, iss: undefined })],
      [
        'another key under the same kid',
        signJws({ ...stranger, ...(key.kid === undefined ? {} : { kid: key.kid }) }, claims),
      ],
      ['a key of its own in the header', signJws(stranger, claims, { jwk: stranger.publicJwk })],
      ['alg none', `${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims)}.`],
      ['an HMAC algorithm', signJws(key, claims, { alg: 'HS256' })],
      ['a time past its end', signJws(key, { ...claims, iat: now - 900, exp: now - 600 })],
      ['no end', signJws(key, { ...claims, exp: undefined })],
      ['a start in the future', signJws(key, { ...claims, nbf: now + 600 })],
      ['the type of an access token', signJws(key, claims, { typ: 'at+jwt' })],
      ['the type of a logout token', signJws(key, claims, { typ: 'logout+jwt' })],
    ];
    const push = async (claim_token: string) =>
      t.redeem({ ticket: await t.ticket(resource), claim_token, claim_token_format: ID_TOKEN });
    const good = await push(signJws(key, claims, { typ: 'JWT' }));
    t.require(good.status === 200, `the good claim token got ${said(good)}`);
    for (const [what, token] of cases) {
      const answer = await push(token);
      const rows = /audience|azp/.test(what) ? ['ATK-19', 'GRANT-5.7-03'] : ['ATK-19'];
      t.expect(rows, answer.status >= 400 && answer.status < 500, `a claim token with ${what} got ${said(answer)}`);
    }
    if (client('other')(t.metadata, t.config) !== undefined) return;
    const person = await t.resource();
    await t.allow(person, person.scopes);
    const foreign = await t.redeem({
      ticket: await t.ticket(person),
      claim_token: await t.idToken(0, 'other'),
      claim_token_format: ID_TOKEN,
    });
    t.expect(
      ['ATK-19', 'GRANT-5.7-03'],
      foreign.status >= 400 && foreign.status < 500,
      `the ID Token of another client got ${said(foreign)}`,
    );
  },
};
