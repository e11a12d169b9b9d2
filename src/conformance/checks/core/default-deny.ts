import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['GRANT-5.6-01'],
  title: 'no policy means no permission',
  profile: 'core',
  sends: 'A ticket for a resource that no policy mentions, with scopes and without, with claims and without.',
  expects: 'Never 200.',
  async run(t: Probe) {
    const resource = await t.resource();
    for (const scopes of [resource.scopes.slice(0, 1), []]) {
      for (const party of [0, undefined] as const) {
        const answer = await t.redeem({ ticket: await t.ticket(resource, scopes), party });
        t.expect(
          'GRANT-5.6-01',
          answer.status !== 200,
          `${scopes.length} scopes, ${party === undefined ? 'no claims' : 'claims'}: an RPT without any policy`,
        );
      }
    }
  },
};
