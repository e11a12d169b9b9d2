/** `uma profile list` */
import { defineCommand } from '../cli/command.ts';
import { DEMO_ISSUER } from '../cli/demo-profile.ts';

export const command = defineCommand<object>({
  description:
    'List profiles; the current one is marked. `demo` is built in: the people of `uma serve` on this machine.',
  examples: [
    { comment: 'what there is', line: 'uma profile list' },
    { comment: 'names only', line: 'uma profile list --json name' },
  ],
  fields: ['name', 'issuer', 'current'],
  async run(_options, { settings, store }) {
    const { names } = await store.list();
    const stored = await Promise.all(
      names.map(async (name) => ({ name, issuer: (await store.get(name))?.issuer ?? null })),
    );
    const all = names.includes('demo') ? stored : [...stored, { name: 'demo', issuer: DEMO_ISSUER }];
    const value = all.map((profile) => ({ ...profile, current: profile.name === settings.profile.value }));
    return {
      value,
      view: (paint) =>
        paint.table(
          ['', 'name', 'issuer'],
          value.map(({ name, issuer, current }) => [current ? '*' : '', name, issuer ?? '']),
        ),
    };
  },
});
