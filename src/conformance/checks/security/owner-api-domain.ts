import type { Check } from '../../check.ts';
import { ownerApi, secondOwner } from '../../needs.ts';
import { ownerApi as request } from '../../owners.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['ATK-17'],
  title: 'a policy can only be about resources of its owner',
  profile: 'security',
  sends:
    'Creating and updating policies over another owner’s resource; reading, replacing, deleting another owner’s policy; revoking on her resource.',
  expects: 'A refusal each time; the policy and the RPT of the other owner unharmed.',
  needs: [ownerApi, secondOwner],
  async run(t: Probe) {
    const { rpt, resource: theirs } = await t.grant({ owner: 1 });
    const mine = await t.resource();
    const policyOfTheirs = await t.allow(theirs, theirs.scopes.slice(0, 1), { owner: 1, party: 1 });
    const policyOfMine = await t.allow(mine, mine.scopes.slice(0, 1));
    const token = await t.ownerToken(0);
    const over = (resource_id: string) => ({ resource_id, effect: 'allow', subject: { anyone: true } });
    const attempts: [string, string, string, unknown?][] = [
      ['creating a policy over it', 'POST', '/policies', over(theirs.id)],
      ['moving an own policy onto it', 'PUT', `/policies/${policyOfMine}`, over(theirs.id)],
      ['reading its policy', 'GET', `/policies/${policyOfTheirs}`],
      ['replacing its policy', 'PUT', `/policies/${policyOfTheirs}`, over(theirs.id)],
      ['deleting its policy', 'DELETE', `/policies/${policyOfTheirs}`],
    ];
    for (const [what, method, path, body] of attempts) {
      const answer = await t.send(request(t.session, token, method, path, body));
      t.expect('ATK-17', answer.status >= 400 && answer.status < 500, `${what} got ${answer.status}`);
    }
    await t.send(request(t.session, token, 'POST', '/revocations', { resource_id: theirs.id }));
    const seen = await t.introspect(rpt, await t.pat(1));
    t.expect('ATK-17', seen.json.active === true, "another owner revoked what was granted on somebody else's resource");
    const kept = await t.send(request(t.session, await t.ownerToken(1), 'GET', `/policies/${policyOfTheirs}`));
    t.expect('ATK-17', kept.status === 200, "another owner's policy is gone");
  },
};
