/** `uma profile use` */
import { defineCommand } from '../cli/command.ts';
import { noSuchProfile } from './profile-show.ts';

interface UseOptions {
  name: string;
}

export const command = defineCommand<UseOptions>({
  description: 'Make a profile the current one: the one used when neither --profile nor UMA_PROFILE names another.',
  args: [{ name: '<name>', description: 'the profile', complete: 'profiles' }],
  examples: [
    { comment: 'work with this server from now on', line: 'uma profile use work' },
    { comment: 'back to the walkthrough of uma serve', line: 'uma profile use demo' },
  ],
  fields: ['current'],
  async run({ name }, { store }) {
    if (name !== 'demo' && (await store.get(name)) === undefined) throw noSuchProfile(name);
    await store.use(name);
    return { value: { current: name }, told: `${name} is the current profile`, note: 'next: uma discover' };
  },
});
