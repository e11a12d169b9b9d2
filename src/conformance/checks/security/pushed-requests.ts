import { Browser } from '../../browser.ts';
import type { Check } from '../../check.ts';
import { sha256url, unguessable } from '../../jws.ts';
import { client, offers } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import { homeOf } from '../../session.ts';

export const check: Check = {
  requirements: ['SEC-9126-01', 'SEC-9126-02', 'SEC-9126-03', 'SEC-9126-04'],
  title: 'pushed authorization requests: authenticated, random, bound to the client, for one use',
  profile: 'security',
  sends: 'A push with a wrong secret, with request_uri, and a good one used twice and by another client.',
  expects: '401; 400; 201 with request_uri and a positive expires_in; the second and the foreign use refused.',
  needs: [offers('pushed_authorization_request_endpoint'), client('other')],
  async run(t: Probe) {
    const url = t.session.endpoint('pushed_authorization_request_endpoint');
    const main = t.session.client('main');
    const members = {
      client_id: main.client_id,
      response_type: 'code',
      redirect_uri: main.redirect_uri ?? '',
      scope: 'openid',
      code_challenge: sha256url(unguessable(32)),
      code_challenge_method: 'S256',
    };
    const push = (more: Record<string, string> = {}, secret = main.client_secret ?? '') =>
      t.send(t.session.tokenRequest({ ...main, client_secret: secret }, { ...members, ...more }, {}, url));
    const wrong = await push({}, 'not-the-secret');
    t.expect('SEC-9126-01', wrong.status === 401, `a wrong secret got ${wrong.status}`);
    const nested = await push({ request_uri: 'urn:ietf:params:oauth:request_uri:x' });
    t.expect('SEC-9126-01', nested.status === 400, `request_uri in the push got ${nested.status}`);
    const foreign = await push({ redirect_uri: 'https://evil.example/cb' });
    t.expect('SEC-9126-01', foreign.status === 400, `an unregistered redirect_uri got ${foreign.status}`);
    const good = await push();
    const { request_uri, expires_in } = good.json;
    t.expect('SEC-9126-02', good.status === 201 && typeof request_uri === 'string', `a push got ${good.status}`);
    t.expect(
      'SEC-9126-02',
      Number.isInteger(expires_in) && Number(expires_in) > 0,
      `expires_in is ${String(expires_in)}`,
    );
    const start = (client_id: string) =>
      `${t.session.endpoint('authorization_endpoint')}?${new URLSearchParams({ client_id, request_uri: String(request_uri) })}`;
    const stolen = await t.get(start(t.session.client('other').client_id), { accept: 'text/html' });
    const refused = stolen.status >= 400 || /[?&]error=/.test(stolen.headers.location ?? '');
    t.expect('SEC-9126-02', refused, `another client's use of request_uri got ${stolen.status}`);
    const walk = async () =>
      new Browser(t.send).complete(start(main.client_id), homeOf(main.redirect_uri ?? ''), {
        person: t.session.party(0),
      });
    const first = await walk();
    t.require(first.returned?.searchParams.get('code') != null, 'the pushed request led to no code', first.answer);
    const second = await walk();
    t.expect(
      'SEC-9126-03',
      second.returned?.searchParams.get('code') == null,
      'request_uri was good twice',
      second.answer,
    );
    const key = t.config.clients.key;
    if (key === undefined) return t.notApplicable('SEC-9126-04', 'not configured: clients.key');
    const audiences = [t.metadata.issuer, t.metadata.token_endpoint, url];
    for (const aud of audiences) {
      const request = t.session.tokenRequest(
        { ...key, method: 'none' },
        {
          ...members,
          client_id: undefined,
          redirect_uri: key.redirect_uri ?? '',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: t.session.assertion(key, { aud }),
        },
        {},
        url,
      );
      const answer = await t.send(request);
      t.expect('SEC-9126-04', answer.status !== 401, `an assertion for ${aud} got 401`);
    }
  },
};
