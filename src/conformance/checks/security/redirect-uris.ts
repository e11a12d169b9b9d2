import type { Check } from '../../check.ts';
import { sha256url, unguessable } from '../../jws.ts';
import { offers, redirect } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const variants = (uri: string): string[] => {
  const url = new URL(uri);
  const { origin, pathname, host, protocol } = url;
  return [
    `${uri}/`,
    `${uri}?extra=1`,
    `${uri}#fragment`,
    `${origin}${pathname.toUpperCase()}`,
    `${origin}${pathname}/../evil`,
    `${protocol}//user@${host}${pathname}`,
    `${protocol}//${url.hostname}.evil.example${pathname}`,
    'https://evil.example/cb',
  ].filter((variant) => variant !== uri);
};

export const check: Check = {
  requirements: ['SEC-9700-01', 'SEC-9700-02', 'SEC-9700-19'],
  title: 'authorization goes back to registered addresses only, and is closed to cross-origin scripts',
  profile: 'security',
  sends: 'Authorization requests with near misses of the registered redirect URI, and one with an Origin header.',
  expects: 'An error page, never a redirect to the address given; no Access-Control-Allow-Origin.',
  needs: [offers('authorization_endpoint'), redirect('main')],
  async run(t: Probe) {
    const client = t.session.client('main');
    const at = (redirect_uri: string) => {
      const url = new URL(t.session.endpoint('authorization_endpoint'));
      const code_challenge = sha256url(unguessable(32));
      const members = {
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri,
        scope: 'openid',
        state: 's',
        code_challenge,
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value);
      return url.href;
    };
    for (const variant of variants(client.redirect_uri ?? '')) {
      const answer = await t.get(at(variant), { accept: 'text/html' });
      const { location } = answer.headers;
      const away =
        location !== undefined && new URL(location, t.metadata.issuer).origin !== new URL(t.metadata.issuer).origin;
      t.expect('SEC-9700-01', answer.status >= 400, `${variant} got ${answer.status}`);
      t.expect('SEC-9700-02', !away, `${variant} was redirected to ${location}`);
    }
    const cross = await t.get(at(client.redirect_uri ?? ''), { accept: 'text/html', origin: 'https://evil.example' });
    t.expect(
      'SEC-9700-19',
      cross.headers['access-control-allow-origin'] === undefined,
      'the authorization endpoint allows cross-origin reading',
    );
    const endpoint = t.metadata.claims_interaction_endpoint;
    if (typeof endpoint !== 'string') return;
    const claims = await t.get(`${endpoint}?client_id=${client.client_id}&ticket=x`, {
      accept: 'text/html',
      origin: 'https://evil.example',
    });
    t.expect(
      'SEC-9700-19',
      claims.headers['access-control-allow-origin'] === undefined,
      'the claims endpoint allows cross-origin reading',
    );
  },
};
