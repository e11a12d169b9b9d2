import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

const ID_TOKEN = /^https?:\/\/openid\.net\/specs\/openid-connect-core-1_0\.html#IDToken$/;

export const check: Check = {
  requirements: ['GRANT-2-06', 'GRANT-2-07', 'GRANT-3.3.1-13', 'GRANT-4-01', 'GRANT-4-02', 'FED-2-04', 'GRANT-5.7-01'],
  title: 'profiles and claim token formats are named in the discovery document',
  profile: 'core',
  sends: 'Nothing but the discovery request.',
  expects:
    '`uma_profiles_supported` is an array of URIs that names each claim token format and extension the server has.',
  async run(t: Probe) {
    const profiles = t.metadata.uma_profiles_supported;
    if (profiles === undefined) {
      t.notApplicable('GRANT-2-06', 'the metadata has no uma_profiles_supported');
      t.notApplicable('GRANT-4-01', 'the server names no profile or extension');
    } else {
      const uris = Array.isArray(profiles) && profiles.every((item) => typeof item === 'string' && URL.canParse(item));
      t.expect(['GRANT-2-06', 'GRANT-4-01'], uris, '"uma_profiles_supported" is not an array of URIs');
    }
    const named = Array.isArray(profiles) ? profiles.map(String) : [];
    const formats = Array.isArray(t.metadata.claim_token_formats_supported)
      ? t.metadata.claim_token_formats_supported
      : [];
    const documented = [...named, ...formats.map(String)];
    t.expect(
      ['GRANT-3.3.1-13', 'GRANT-5.7-01'],
      documented.some((uri) => ID_TOKEN.test(uri)),
      'no member of the metadata names the ID Token as a claim token format',
    );
    const extended = t.metadata.resource_owner_endpoint !== undefined;
    t.expect(
      ['GRANT-2-07', 'GRANT-4-02', 'FED-2-04'],
      named.length > 0 && (!extended || named.some((uri) => !ID_TOKEN.test(uri))),
      'profiles or extensions that the server has are missing in "uma_profiles_supported"',
    );
  },
};
