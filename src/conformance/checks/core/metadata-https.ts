import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

const secure = (url: unknown) => typeof url === 'string' && url.startsWith('https://');

export const check: Check = {
  requirements: ['FED-1.3-01', 'SEC-8414-01', 'SEC-7009-06', 'GRANT-5-01'],
  title: 'issuer and endpoints are https',
  profile: 'core',
  sends: 'Nothing but the discovery request.',
  expects: 'https for the issuer, the protection API and the revocation endpoint; no query or fragment in the issuer.',
  async run(t: Probe) {
    const { metadata } = t;
    const { issuer } = metadata;
    t.expect('SEC-8414-01', secure(issuer), `the issuer ${issuer} is not https`);
    t.expect('SEC-8414-01', !/[?#]/.test(issuer), `the issuer ${issuer} has a query or a fragment`);
    for (const name of ['permission_endpoint', 'resource_registration_endpoint', 'introspection_endpoint']) {
      const url = metadata[name];
      if (url !== undefined) t.expect('FED-1.3-01', secure(url), `${name} ${String(url)} is not https`);
    }
    if (metadata.revocation_endpoint === undefined)
      t.notApplicable('SEC-7009-06', 'the metadata has no revocation_endpoint');
    else t.expect('SEC-7009-06', secure(metadata.revocation_endpoint), 'revocation_endpoint is not https');
    const plain = Object.entries(metadata).filter(
      ([name, url]) => /(_endpoint|_uri)$/.test(name) && typeof url === 'string' && !secure(url),
    );
    t.expect('GRANT-5-01', plain.length === 0, `not https: ${plain.map(([name]) => name).join(', ')}`);
  },
};
