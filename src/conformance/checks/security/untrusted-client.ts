import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import { register, tokenMissing } from '../../registration.ts';
import { basic, FORM } from '../../session.ts';

const ID_TOKEN = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken';

export const check: Check = {
  requirements: ['GRANT-5.7-02'],
  title: 'a client that registered itself cannot push claim tokens',
  profile: 'security',
  sends: 'Dynamic registration, then a ticket with a good person’s ID Token by the new client.',
  expects: 'No RPT.',
  needs: [offers('registration_endpoint'), owner('allow')],
  async run(t: Probe) {
    const made = await register(t, { claims_redirect_uris: undefined });
    const missing = tokenMissing(t, made);
    if (missing !== undefined) return t.notApplicable(check.requirements, missing);
    t.require(made.status === 201, `registration got ${said(made)}`);
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const answer = await t.send({
      method: 'POST',
      url: t.metadata.token_endpoint,
      headers: {
        'content-type': FORM,
        authorization: basic(String(made.json.client_id), String(made.json.client_secret)),
      },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
        ticket: await t.ticket(resource),
        claim_token: await t.idToken(),
        claim_token_format: ID_TOKEN,
      }).toString(),
    });
    t.expect('GRANT-5.7-02', answer.status !== 200, 'a self-registered client got an RPT by pushing a claim token');
  },
};
