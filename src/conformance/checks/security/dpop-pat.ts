import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { dpopProof, newKey, unguessable } from '../../jws.ts';
import { lists } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9449-01', 'SEC-9449-03'],
  title: 'a DPoP-bound PAT works with its proof only, on every route of the protection API',
  profile: 'security',
  sends:
    'A bound PAT as DPoP with a proof; as Bearer; with no proof, a proof of another key, without ath, with another ath, for another method or URL.',
  expects: 'The operation; 401 for every other.',
  needs: [lists('dpop_signing_alg_values_supported', 'ES256')],
  async run(t: Probe) {
    const key = newKey();
    const rs = t.session.rs(0);
    const tokenUrl = t.metadata.token_endpoint;
    const bind = async (nonce?: string) => {
      const person = t.session.owner(0);
      if (t.config.sign_in === 'password') {
        const members = {
          grant_type: 'password',
          username: person.username,
          password: person.password,
          scope: t.config.pat_scope || undefined,
        };
        return t.send(
          t.session.tokenRequest(rs, members, { dpop: dpopProof(key, { method: 'POST', url: tokenUrl }, { nonce }) }),
        );
      }
      const { walk, verifier } = await t.session.authorize({ client: rs, person, scope: t.config.pat_scope }, (raw) =>
        t.session.send(raw),
      );
      const request = t.session.codeRequest(rs, walk.returned?.searchParams.get('code') ?? '', verifier);
      return t.send({
        ...request,
        headers: { ...request.headers, dpop: dpopProof(key, { method: 'POST', url: tokenUrl }, { nonce }) },
      });
    };
    let bound = await bind();
    if (bound.json.error === 'use_dpop_nonce') bound = await bind(bound.headers['dpop-nonce']);
    const pat = bound.json.access_token;
    t.require(bound.status === 200 && typeof pat === 'string', `a bound PAT got ${said(bound)}`);
    t.expect('SEC-9449-03', bound.json.token_type === 'DPoP', `token_type is ${String(bound.json.token_type)}`);
    const resource = await t.resource();
    const one = { resource_id: resource.id, resource_scopes: [] };
    const permission = t.config.permissions_as_array ? [one] : one;
    const description = {
      name: `bound ${unguessable(6)}`,
      resource_scopes: resource.scopes,
      ...t.config.resource_members,
    };
    const routes: [string, string, unknown?][] = [
      ['GET', t.resourceUrl()],
      ['GET', t.resourceUrl(resource.id)],
      ['PUT', t.resourceUrl(resource.id), description],
      ['POST', t.metadata.permission_endpoint, permission],
    ];
    for (const [method, url, body] of routes) {
      const proof = (claims: object = {}, by = key, token = pat) => dpopProof(by, { method, url, token }, claims);
      const call = (headers: Record<string, string>) => t.protection(method, url, undefined, body, headers);
      const good = await call({ authorization: `DPoP ${pat}`, dpop: proof() });
      t.expect('SEC-9449-01', good.status < 300, `${method} ${url} with a good proof got ${good.status}`);
      const faults: [string, Record<string, string>][] = [
        ['as Bearer', { authorization: `Bearer ${pat}` }],
        ['without a proof', { authorization: `DPoP ${pat}` }],
        ['with a proof of another key', { authorization: `DPoP ${pat}`, dpop: proof({}, newKey()) }],
        ['without ath', { authorization: `DPoP ${pat}`, dpop: proof({ ath: undefined }) }],
        ['with the ath of another token', { authorization: `DPoP ${pat}`, dpop: proof({}, key, 'another-token') }],
        ['for another method', { authorization: `DPoP ${pat}`, dpop: proof({ htm: 'PATCH' }) }],
        ['for another URL', { authorization: `DPoP ${pat}`, dpop: proof({ htu: 'https://another.example/' }) }],
      ];
      for (const [what, headers] of faults) {
        const answer = await call(headers);
        t.expect('SEC-9449-01', [401, 403].includes(answer.status), `${method} ${url} ${what} got ${answer.status}`);
      }
    }
  },
};
