import type { Check } from '../../check.ts';
import { unguessable } from '../../jws.ts';
import { owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';
import { FORM } from '../../session.ts';

const allowed = owner('allow');

export const check: Check = {
  requirements: ['FED-1.3-02', 'FED-3.2-02', 'SEC-7662-01', 'FED-1.2-01', 'SEC-7662-04', 'ATK-16'],
  title: 'every operation of the protection API needs a valid PAT',
  profile: 'security',
  sends:
    'Create, read, update, delete, list, permission and introspection with no token, a random one, a person’s ID Token, an access token without uma_protection, an RPT, a revoked PAT.',
  expects:
    '401 with WWW-Authenticate: Bearer (error="invalid_token" when one was sent); 403 insufficient_scope or 401 without the scope.',
  async run(t: Probe) {
    const resource = await t.resource();
    const description = { resource_scopes: resource.scopes };
    const permission = { resource_id: resource.id, resource_scopes: resource.scopes.slice(0, 1) };
    const operations: [name: string, method: string, url: string, body?: unknown][] = [
      ['create', 'POST', t.resourceUrl(), description],
      ['read', 'GET', t.resourceUrl(resource.id)],
      ['update', 'PUT', t.resourceUrl(resource.id), description],
      ['delete', 'DELETE', t.resourceUrl(resource.id)],
      ['list', 'GET', t.resourceUrl()],
      ['permission', 'POST', t.metadata.permission_endpoint, permission],
    ];
    const { introspection_endpoint: introspection } = t.metadata;
    const request = { client: t.session.client('main'), person: t.session.owner(0), scope: 'openid' };
    const unscoped = String((await t.session.signIn(request, (raw) => t.session.send(raw))).access_token);
    const tokens: [kind: string, token: string | undefined][] = [
      ['no token', undefined],
      ['a random token', unguessable(32)],
      ['an ID Token', await t.idToken()],
      ['an access token without uma_protection', unscoped],
    ];
    if (allowed(t.metadata, t.config) === undefined) tokens.push(['an RPT', (await t.grant()).rpt]);
    if (t.metadata.revocation_endpoint !== undefined) {
      const pat = await t.pat(0, 0, { fresh: true });
      const endpoint = t.session.endpoint('revocation_endpoint');
      await t.session.send(t.session.tokenRequest(t.session.rs(0), { token: pat }, {}, endpoint));
      tokens.push(['a revoked PAT', pat]);
    }
    for (const [kind, token] of tokens) {
      const lacksScope = kind.endsWith('without uma_protection');
      for (const [name, method, url, body] of operations) {
        const answer = await t.protection(method, url, token, body);
        t.adopt(answer);
        const challenge = answer.headers['www-authenticate'] ?? '';
        const refused = answer.status === 401 || (lacksScope && answer.status === 403);
        const named = token === undefined || /error="?(invalid_token|insufficient_scope)/.test(challenge);
        const rows = lacksScope ? ['FED-1.2-01', 'ATK-16'] : ['FED-1.3-02'];
        t.expect(rows, refused, `${name} with ${kind} got ${answer.status}`);
        if (!lacksScope)
          t.expect(
            'FED-1.3-02',
            /\bbearer\b/i.test(challenge) && named,
            `${name} with ${kind}: WWW-Authenticate is "${challenge}"`,
          );
        if (name !== 'permission' && token === undefined)
          t.expect('FED-3.2-02', answer.status === 401, `${name} without a PAT got ${answer.status}`);
      }
      if (typeof introspection !== 'string') continue;
      const answer = await t.send({
        method: 'POST',
        url: introspection,
        headers: { 'content-type': FORM, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        body: new URLSearchParams({ token: unscoped }).toString(),
      });
      const refused = answer.status === 401 || (lacksScope && answer.status === 403);
      t.expect(
        lacksScope ? ['FED-1.2-01', 'SEC-7662-04', 'ATK-16'] : ['FED-1.3-02', 'SEC-7662-01'],
        refused,
        `introspection with ${kind} got ${answer.status}`,
      );
    }
    if (typeof introspection !== 'string')
      t.notApplicable(['SEC-7662-01', 'SEC-7662-04'], 'the metadata has no introspection_endpoint');
    const still = await t.protection('GET', t.resourceUrl(resource.id), await t.pat());
    t.expect('FED-1.3-02', still.status === 200, 'a refused request had an effect: the resource is gone');
  },
};
