import type { Check } from '../../check.ts';
import { type Answer, said } from '../../http.ts';
import { keyOf, newKey, signJws, unguessable } from '../../jws.ts';
import { client, lists } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-7523-01', 'SEC-7523-02', 'SEC-9700-16'],
  title: 'private_key_jwt: every claim of the assertion counts, and it is used once',
  profile: 'security',
  sends: 'The grant with a good assertion, the same again, and assertions with one fault each.',
  expects: 'No invalid_client for the good one; 401 invalid_client for every other.',
  needs: [client('key'), lists('token_endpoint_auth_methods_supported', 'private_key_jwt')],
  async run(t: Probe) {
    const own = t.session.client('key');
    const send = (assertion: string) =>
      t.send({
        method: 'POST',
        url: t.metadata.token_endpoint,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
          grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
          ticket: 'no-such-ticket',
        }).toString(),
      });
    const refused = (answer: Answer) => answer.status === 401 && answer.json.error === 'invalid_client';
    const assertion = t.session.assertion(own);
    const good = await send(assertion);
    t.expect(['SEC-7523-01', 'SEC-9700-16'], good.json.error === 'invalid_grant', `a good assertion got ${said(good)}`);
    const again = await send(assertion);
    t.expect('SEC-7523-02', refused(again), `a replayed assertion got ${said(again)}`);
    const now = Math.floor(Date.now() / 1000);
    const stranger = newKey();
    const claims = {
      iss: own.client_id,
      sub: own.client_id,
      aud: t.metadata.issuer,
      jti: unguessable(),
      iat: now,
      exp: now + 60,
    };
    const faults: [string, string][] = [
      ['another iss', t.session.assertion(own, { iss: 'another-client' })],
      ['another sub', t.session.assertion(own, { sub: 'another-client' })],
      ['another aud', t.session.assertion(own, { aud: 'https://another-as.example' })],
      ['no aud', t.session.assertion(own, { aud: undefined })],
      ['a time past its end', t.session.assertion(own, { iat: now - 7200, exp: now - 3600 })],
      ['no end', t.session.assertion(own, { exp: undefined })],
      [
        'another key',
        signJws(
          {
            ...stranger,
            ...(keyOf(own.private_jwk ?? {}).kid === undefined ? {} : { kid: String(own.private_jwk?.kid) }),
          },
          claims,
        ),
      ],
    ];
    for (const [what, bad] of faults) {
      const answer = await send(bad);
      t.expect('SEC-7523-01', refused(answer), `an assertion with ${what} got ${said(answer)}`);
    }
  },
};
