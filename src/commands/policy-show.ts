import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { memberList, POLICY_FIELDS } from './views.ts';

interface Options extends CommonOptions {
  id: string;
}

export const command = defineCommand<Options>({
  description: 'Shows one policy in full.',
  groups: ['as', 'owner'],
  args: [{ name: '<id>', description: 'its id, from `uma policy list`', complete: 'policies' }],
  examples: [
    { comment: 'one policy', line: 'uma policy show p1' },
    { comment: 'whom it is about', line: 'uma policy show p1 --field subject' },
  ],
  fields: POLICY_FIELDS,
  async run(options, context) {
    const policy = await (await asOwner(context, options)).policy(options.id);
    return { value: policy, view: (paint) => memberList(paint, policy) };
  },
});
