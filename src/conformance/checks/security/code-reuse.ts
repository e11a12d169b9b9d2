import type { Check } from '../../check.ts';
import { grants, offers } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9700-22'],
  title: 'a replayed code ends the tokens that came of it',
  profile: 'security',
  sends: 'A PAT by the code flow, then the same code again, then the PAT at the protection API.',
  expects: '401 (a server that says 403 is told so elsewhere).',
  needs: [offers('authorization_endpoint'), grants('authorization_code')],
  async run(t: Probe) {
    const client = t.session.rs(0);
    if (client.redirect_uri === undefined)
      return t.notApplicable('SEC-9700-22', 'not configured: resource_servers[0].redirect_uri');
    const request = { client, person: t.session.owner(0), scope: t.config.pat_scope };
    const { walk, verifier } = await t.session.authorize(request, (raw) => t.session.send(raw));
    const code = walk.returned?.searchParams.get('code') ?? undefined;
    t.require(code !== undefined, 'the login pages gave no code', walk.answer);
    const first = await t.send(t.session.codeRequest(client, code, verifier));
    const pat = String(first.json.access_token);
    const before = await t.protection('GET', t.resourceUrl(), pat);
    t.require(before.status === 200, `the PAT got ${before.status}`);
    await t.send(t.session.codeRequest(client, code, verifier));
    const after = await t.protection('GET', t.resourceUrl(), pat);
    t.expect('SEC-9700-22', [401, 403].includes(after.status), `after the replay the PAT got ${after.status}`);
  },
};
