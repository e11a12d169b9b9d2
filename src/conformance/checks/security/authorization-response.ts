import type { Check } from '../../check.ts';
import { formsOf } from '../../html.ts';
import { said } from '../../http.ts';
import { offers, redirect } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9207-01', 'SEC-9700-09', 'SEC-9700-20', 'SEC-9700-21', 'SEC-9700-22'],
  title:
    'the code flow: issuer in every answer, no implicit tokens, 303 after a sign-in, pages that cannot be framed, codes for one use',
  profile: 'security',
  sends: 'A person’s walk through the code flow; response_type=token; the same code twice.',
  expects:
    '`iss` in success and error; unsupported_response_type; no 307 or 308; frame-ancestors or X-Frame-Options; invalid_grant, and the first tokens dead.',
  needs: [offers('authorization_endpoint'), redirect('main')],
  async run(t: Probe) {
    const client = t.session.client('main');
    const request = { client, person: t.session.party(0), scope: 'openid' };
    const { walk, verifier } = await t.session.authorize(request, t.send);
    const params = walk.returned?.searchParams;
    t.require(params?.get('code') != null, 'the login pages gave no code', walk.answer);
    const { metadata } = t;
    t.expect(
      'SEC-9207-01',
      metadata.authorization_response_iss_parameter_supported === true,
      'the metadata does not announce "iss"',
    );
    t.expect('SEC-9207-01', params.get('iss') === metadata.issuer, `"iss" is ${params.get('iss')}`, walk.answer);
    const implicit = await t.session.authorize({ ...request, extra: { response_type: 'token' } }, t.send);
    const returned = implicit.walk.returned;
    const text = `${returned?.search ?? ''}${returned?.hash ?? ''}`;
    t.expect(
      'SEC-9700-09',
      !text.includes('access_token='),
      'a token came in the authorization response',
      implicit.walk.answer,
    );
    const error = returned?.searchParams.get('error') ?? new URLSearchParams(returned?.hash.slice(1)).get('error');
    t.expect(
      'SEC-9700-09',
      error != null || implicit.walk.answer.status === 400,
      'response_type=token was not refused',
      implicit.walk.answer,
    );
    if (returned !== undefined) {
      const iss = returned.searchParams.get('iss') ?? new URLSearchParams(returned.hash.slice(1)).get('iss');
      t.expect('SEC-9207-01', iss === metadata.issuer, `"iss" of an error is ${iss}`, implicit.walk.answer);
    }
    const posted = walk.answers.filter((answer) => answer.request.method === 'POST');
    const repeating = posted.find(({ status }) => status === 307 || status === 308);
    t.expect(
      'SEC-9700-20',
      posted.length > 0 && repeating === undefined,
      'a sign-in is answered by a redirect that repeats the password',
      repeating,
    );
    const pages = walk.answers.filter(({ response }) => formsOf(response.body, metadata.issuer).length > 0);
    const framed = pages.find(
      ({ headers }) =>
        !/frame-ancestors/.test(headers['content-security-policy'] ?? '') && headers['x-frame-options'] === undefined,
    );
    t.expect('SEC-9700-21', pages.length > 0 && framed === undefined, 'a page with a form can be framed', framed);
    const code = String(params.get('code'));
    const first = await t.send(t.session.codeRequest(client, code, verifier));
    t.require(first.status === 200, `the code got ${said(first)}`, first);
    const second = await t.send(t.session.codeRequest(client, code, verifier));
    t.expect(
      'SEC-9700-22',
      second.status === 400 && second.json.error === 'invalid_grant',
      `a used code got ${said(second)}`,
    );
  },
};
