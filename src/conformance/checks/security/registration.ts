import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { offers } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import { register, tokenMissing } from '../../registration.ts';

export const check: Check = {
  requirements: ['GRANT-2-08', 'SEC-9700-17', 'SEC-9700-18'],
  title: 'dynamic registration keeps claims redirect URIs, chooses client_id itself and takes no plain http address',
  profile: 'security',
  sends:
    'Registrations with claims_redirect_uris, with a string in their place, with a fragment, with an own client_id, with http redirect URIs, and without the initial access token.',
  expects:
    '201 with the URIs echoed and another client_id; 400 for the bad ones; 401 without the token where one is configured.',
  needs: [offers('registration_endpoint')],
  async run(t: Probe) {
    const uris = ['https://client.example/claims?a=1', 'https://client.example/more'];
    const good = await register(t, { claims_redirect_uris: uris, client_id: 'alice' });
    const missing = tokenMissing(t, good);
    if (missing !== undefined) return t.notApplicable(check.requirements, missing);
    t.expect('GRANT-2-08', good.status === 201, `registration got ${said(good)}`);
    t.expect(
      'GRANT-2-08',
      JSON.stringify(good.json.claims_redirect_uris) === JSON.stringify(uris),
      'claims_redirect_uris are not echoed',
    );
    t.expect('SEC-9700-17', good.json.client_id !== 'alice', 'the client chose its own client_id');
    for (const [what, claims_redirect_uris] of [
      ['a string', 'https://client.example/claims'],
      ['a fragment', ['https://client.example/claims#x']],
      ['a relative URI', ['/claims']],
    ] as const) {
      const bad = await register(t, { claims_redirect_uris });
      t.expect('GRANT-2-08', bad.status === 400, `claims_redirect_uris with ${what} got ${bad.status}`);
    }
    const plain = await register(t, { redirect_uris: ['http://client.example/cb'] });
    t.expect('SEC-9700-18', plain.status === 400, `a plain http redirect_uri got ${plain.status}`);
    const plainClaims = await register(t, { claims_redirect_uris: ['http://client.example/claims'] });
    t.expect('SEC-9700-18', plainClaims.status === 400, `a plain http claims_redirect_uri got ${plainClaims.status}`);
    if (t.config.initial_access_token === undefined) return;
    const open = await register(t, {}, null);
    t.expect('GRANT-2-08', open.status === 401, `registration without the initial access token got ${open.status}`);
  },
};
