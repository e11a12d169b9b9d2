import { defineCommand } from '../cli/command.ts';
import { confirmed, YES } from './confirm.ts';
import { asOwner, type CommonOptions } from './connect.ts';

interface Options extends CommonOptions {
  id: string;
  yes?: boolean;
}

export const command = defineCommand<Options>({
  description: 'Deletes a policy. Asks first.',
  groups: ['as', 'owner'],
  args: [{ name: '<id>', description: 'its id, from `uma policy list`', complete: 'policies' }],
  flags: [YES],
  examples: [
    { comment: 'without a question', line: 'uma policy delete p1 --yes' },
    {
      comment: 'the first one of a resource',
      line: 'uma policy delete "$(uma policy list --resource "Photo Album" --field \'[0].id\')" --yes',
    },
  ],
  fields: ['id'],
  async run(options, context) {
    const owner = await asOwner(context, options);
    if (!(await confirmed(context, options, `Delete the policy ${options.id}?`))) return undefined;
    await owner.deletePolicy(options.id);
    return {
      value: { id: options.id },
      told: `deleted the policy ${options.id}`,
      note: `RPTs given by it: uma revoke --resource ID --party NAME`,
    };
  },
});
