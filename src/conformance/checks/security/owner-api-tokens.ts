import type { Check } from '../../check.ts';
import { ownerApi } from '../../needs.ts';
import { ownerApi as request } from '../../owners.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-16'],
  title: 'the owner’s side takes the owner’s own token only',
  profile: 'security',
  sends: 'Every verb of the owner API with a PAT, with an RPT, and with no token.',
  expects: '403 for the PAT and the RPT (401 for a token that is no access token at all), 401 without.',
  needs: [ownerApi],
  async run(t: Probe) {
    const { rpt, resource } = await t.grant();
    const policy = { resource_id: resource.id, effect: 'allow', subject: { anyone: true } };
    const operations: [string, string, unknown?][] = [
      ['GET', '/requests'],
      ['POST', '/requests/none/approve', {}],
      ['POST', '/requests/none/deny', {}],
      ['GET', '/policies'],
      ['POST', '/policies', policy],
      ['PUT', '/policies/none', policy],
      ['DELETE', '/policies/none'],
      ['POST', '/revocations', { resource_id: resource.id }],
      ['GET', '/resources'],
      ['GET', '/history'],
    ];
    const tokens: [string, string | undefined][] = [
      ['a PAT', await t.pat()],
      ['an RPT', rpt],
      ['no token', undefined],
    ];
    for (const [kind, token] of tokens) {
      for (const [method, path, body] of operations) {
        const answer = await t.send(request(t.session, token, method, path, body));
        const right =
          token === undefined
            ? answer.status === 401
            : answer.status === 403 || (kind === 'an RPT' && answer.status === 401);
        t.expect('ATK-16', right, `${method} ${path} with ${kind} got ${answer.status}`);
      }
    }
  },
};
