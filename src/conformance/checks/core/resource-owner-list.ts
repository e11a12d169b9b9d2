import type { Check } from '../../check.ts';
import { secondOwner } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: ['FED-3.2.5-02'],
  title: 'the list covers one owner only',
  profile: 'core',
  sends: 'A registration for each of two owners, then both lists.',
  expects: 'Disjoint lists, each with its own new resource.',
  needs: [secondOwner],
  async run(t: Probe) {
    const first = await t.resource();
    const second = await t.resource({ owner: 1 });
    const mine = await t.protection('GET', t.resourceUrl(), await t.pat(0));
    const theirs = await t.protection('GET', t.resourceUrl(), await t.pat(1));
    const [a, b] = [mine, theirs].map(({ value }) => (Array.isArray(value) ? value.map(String) : [])) as [
      string[],
      string[],
    ];
    t.expect('FED-3.2.5-02', a.includes(first.id) && b.includes(second.id), 'an own resource is missing', [
      mine,
      theirs,
    ]);
    const shared = a.filter((id) => b.includes(id));
    t.expect('FED-3.2.5-02', shared.length === 0, `in both lists: ${shared.slice(0, 3).join(', ')}`, [mine, theirs]);
  },
};
