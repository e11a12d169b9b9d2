import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9700-19'],
  title: 'no endpoint reflects any origin together with credentials',
  profile: 'security',
  sends: 'GET of the discovery document and a preflight of the token endpoint from an unknown origin.',
  expects: 'No Access-Control-Allow-Credentials for that origin.',
  async run(t: Probe) {
    const origin = 'https://evil.example';
    const answers = [
      await t.get(`${t.config.issuer.replace(/\/$/, '')}/.well-known/uma2-configuration`, { origin }),
      await t.send({
        method: 'OPTIONS',
        url: t.metadata.token_endpoint,
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      }),
    ];
    for (const answer of answers) {
      const { headers, request } = answer;
      t.expect(
        'SEC-9700-19',
        headers['access-control-allow-credentials'] !== 'true',
        `${request.method} ${request.url} lets ${origin} read with credentials`,
        answer,
      );
    }
  },
};
