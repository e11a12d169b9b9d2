import type { Check } from '../../check.ts';
import { type Answer, said } from '../../http.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-3.3.1-15', 'GRANT-3.3.6-01', 'GRANT-1.1-01'],
  title: 'the token request is read from the form, each parameter once, by exact name',
  profile: 'core',
  sends:
    'ticket none; the ticket in the query only; `Ticket`; a claim token without its format; an unknown grant type.',
  expects:
    '400 with a JSON body and a string `error` each time: invalid_request, or unsupported_grant_type for the last.',
  needs: [owner('allow')],
  async run(t: Probe) {
    const resource = await t.resource();
    await t.allow(resource, resource.scopes);
    const bad = (answer: Answer, code: string) => answer.status === 400 && answer.json.error === code;
    const named = (answer: Answer) => answer.status === 400 && typeof answer.json.error === 'string';
    const first = await t.ticket(resource);
    const second = await t.ticket(resource);
    const none = await t.redeem({ party: 0 });
    t.expect('GRANT-3.3.6-01', named(none), `a request without a ticket got ${said(none)}`);
    const request = t.session.tokenRequest(t.session.client('main'), {
      grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
      ticket: [first, second],
      claim_token: await t.idToken(),
      claim_token_format: 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken',
    });
    const repeated = await t.send(request);
    t.expect('GRANT-3.3.1-15', bad(repeated, 'invalid_request'), `two tickets in one request got ${said(repeated)}`);
    const other = await t.ticket(resource);
    const inQuery = t.session.tokenRequest(t.session.client('main'), {
      grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
    });
    const query = await t.send({ ...inQuery, url: `${inQuery.url}?ticket=${encodeURIComponent(other)}` });
    t.expect(
      'GRANT-3.3.1-15',
      query.status >= 400 && query.json.error !== 'need_info',
      `a ticket in the query got ${said(query)}`,
    );
    const capital = await t.redeem({ Ticket: await t.ticket(resource), party: 0 });
    t.expect('GRANT-1.1-01', capital.status === 400, `"Ticket" instead of "ticket" got ${said(capital)}`);
    const unpaired = await t.redeem({ ticket: await t.ticket(resource), claim_token: 'x' });
    t.expect('GRANT-3.3.6-01', named(unpaired), `claim_token without its format got ${said(unpaired)}`);
    const unknown = await t.redeem({ grant_type: 'urn:example:no-such-grant', ticket: await t.ticket(resource) });
    t.expect('GRANT-3.3.6-01', named(unknown), `an unknown grant type got ${said(unknown)}`);
    const typeCase = await t.redeem({
      grant_type: 'URN:IETF:params:oauth:grant-type:uma-ticket',
      ticket: await t.ticket(resource),
      party: 0,
    });
    t.expect('GRANT-1.1-01', typeCase.status === 400, `a grant_type in another case got ${said(typeCase)}`);
  },
};
