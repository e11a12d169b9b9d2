/** `uma profile delete` */
import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import { noSuchProfile } from './profile-show.ts';

interface DeleteOptions {
  name: string;
  yes?: boolean;
}

export const command = defineCommand<DeleteOptions>({
  description: 'Delete a profile and its secrets.',
  args: [{ name: '<name>', description: 'the profile', complete: 'profiles' }],
  flags: [{ flags: '-y, --yes', description: 'do not ask' }],
  examples: [
    { comment: 'asks first', line: 'uma profile delete work' },
    { comment: 'without being asked', line: 'uma profile delete work --yes' },
  ],
  fields: ['deleted'],
  async run({ name, yes }, { store, prompts }) {
    if ((await store.get(name)) === undefined) throw noSuchProfile(name);
    if (!yes && !(await prompts.confirm(`Delete the profile ${name} and its secrets?`, { flag: '--yes' }))) {
      throw new UmaError('usage', 'not_confirmed', `the profile ${name} was not deleted`);
    }
    const { current } = await store.list();
    await store.delete(name);
    return {
      value: { deleted: name },
      told: `profile ${name} is deleted`,
      note: current === name ? 'it was the current one, name another: uma profile use NAME' : undefined,
    };
  },
});
