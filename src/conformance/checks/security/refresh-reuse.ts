import type { Check } from '../../check.ts';
import { said } from '../../http.ts';
import { client, grants, owner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['SEC-9700-12'],
  title: 'a public client’s refresh token is rotated, and its reuse ends the family',
  profile: 'security',
  sends: 'A refresh by a public client, the old refresh token again, then the newest one.',
  expects: 'A new refresh token; 400 invalid_grant; 400 invalid_grant.',
  needs: [client('public'), grants('refresh_token'), owner('allow')],
  async run(t: Probe) {
    const { answer } = await t.grant({ client: 'public', fresh: true });
    const first = answer.json.refresh_token;
    if (typeof first !== 'string') {
      t.notApplicable('SEC-9700-12', 'a public client gets no refresh token');
      return;
    }
    const refresh = (refresh_token: string) =>
      t.send(t.session.tokenRequest(t.session.client('public'), { grant_type: 'refresh_token', refresh_token }));
    const next = await refresh(first);
    const newest = next.json.refresh_token;
    t.expect(
      'SEC-9700-12',
      typeof newest === 'string' && newest !== first,
      `refresh got ${next.status} and no new refresh token`,
    );
    const reused = await refresh(first);
    t.expect(
      'SEC-9700-12',
      reused.status === 400 && reused.json.error === 'invalid_grant',
      `reuse got ${said(reused)}`,
    );
    const family = await refresh(String(newest));
    t.expect('SEC-9700-12', family.status === 400, `the newest refresh token survived the reuse: ${family.status}`);
  },
};
