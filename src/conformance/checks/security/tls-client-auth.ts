import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import type { Probe } from '../../probe.ts';
import { FORM } from '../../session.ts';

export const check: Check = {
  requirements: ['SEC-8705-02'],
  title: 'a client of mutual TLS is not authenticated without its certificate',
  profile: 'security',
  sends: 'The grant with nothing but client_id.',
  expects: '401 invalid_client for a confidential client, whatever the metadata offers.',
  needs: [
    ({ token_endpoint_auth_methods_supported: methods }) =>
      Array.isArray(methods) && methods.some((method) => /tls_client_auth$/.test(String(method)))
        ? undefined
        : 'the metadata offers no client authentication by TLS certificate',
  ],
  async run(t: Probe) {
    const { client_id } = t.session.client('main');
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
      ticket: 'x',
      client_id,
    });
    const answer = await t.send({
      method: 'POST',
      url: t.metadata.token_endpoint,
      headers: { 'content-type': FORM },
      body: body.toString(),
    });
    t.expect(
      'SEC-8705-02',
      answer.status === 401 || (answer.status === 400 && answer.json.error === 'invalid_client'),
      `got ${said(answer)}`,
    );
  },
};
