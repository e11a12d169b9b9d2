import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { askForInfo, returnedTicket, visit } from '../../interaction.ts';
import { claimsRedirect, offers, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: [
    'GRANT-2-04',
    'GRANT-3.3.2-06',
    'GRANT-3.3.3-01',
    'GRANT-3.3.3-02',
    'GRANT-3.3.3-03',
    'GRANT-3.3.3-04',
    'GRANT-3.3.6-12',
    'SEC-9207-03',
  ],
  title: 'claims gathered in the browser come back as a new ticket',
  profile: 'claims',
  sends: 'A party to redirect_user with state and without; the returned ticket to the token endpoint.',
  expects:
    'A redirect to the registered URI, its own query kept, with a new ticket and the state as sent, with no claim; then 200.',
  needs: [offers('claims_interaction_endpoint'), claimsRedirect('main', 1), owner('allow')],
  async run(t: Probe) {
    const endpoint = String(t.metadata.claims_interaction_endpoint);
    t.expect('GRANT-2-04', URL.canParse(endpoint), `claims_interaction_endpoint is ${endpoint}`);
    const start = await askForInfo(t);
    const state = 'a b&c=d/é%20+"';
    const walk = await visit(t, start, { members: { state } });
    const ticket = returnedTicket(t, walk);
    const params = walk.returned!.searchParams;
    t.expect('GRANT-3.3.3-01', ticket !== '', 'the ticket is empty', walk.answer);
    t.expect('GRANT-3.3.3-02', ticket !== start.ticket, 'the ticket is the one that was sent', walk.answer);
    t.expect('GRANT-3.3.3-03', params.get('state') === state, `state came back as ${params.get('state')}`, walk.answer);
    const registered = new URL(t.session.client('main').claims_redirect_uris[0] ?? '').searchParams;
    const kept = [...registered].every(([name, value]) => params.get(name) === value);
    if (registered.size === 0) t.notApplicable('GRANT-3.3.2-06', 'the configured claims redirect URI has no query');
    else t.expect('GRANT-3.3.2-06', kept, 'the query of the registered URI is gone', walk.answer);
    const extra = [...params.keys()].filter(
      (name) => !['ticket', 'state', 'iss'].includes(name) && !registered.has(name),
    );
    t.expect('GRANT-3.3.3-04', extra.length === 0, `the return also carries ${extra.join(', ')}`, walk.answer);
    t.expect('SEC-9207-03', params.get('iss') === t.metadata.issuer, `"iss" is ${params.get('iss')}`, walk.answer);
    const answer = await t.redeem({ ticket });
    t.expect('GRANT-3.3.6-12', answer.status === 200, `the gathered claims got ${said(answer)}`);
    const stateless = await visit(t, await askForInfo(t));
    returnedTicket(t, stateless);
    t.expect(
      'GRANT-3.3.3-03',
      !stateless.returned!.searchParams.has('state'),
      'a state came back though none was sent',
      stateless.answer,
    );
  },
};
