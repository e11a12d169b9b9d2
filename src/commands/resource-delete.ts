import { defineCommand } from '../cli/command.ts';
import { confirmed, YES } from './confirm.ts';
import { asResourceServer, PAT_FILE, type PatOptions } from './connect.ts';

interface Options extends PatOptions {
  resource: string;
  yes?: boolean;
}

export const command = defineCommand<Options>({
  description: 'Deletes a registered resource, and with it whatever was allowed on it. Asks first.',
  groups: ['as', 'rs', 'owner'],
  args: [{ name: '<resource>', description: 'its id, its name or its URI', complete: 'resources' }],
  flags: [YES, PAT_FILE],
  examples: [
    { comment: 'without a question', line: 'uma resource delete "Photo Album" --yes' },
    {
      comment: 'the first one of the list',
      line: 'uma resource delete "$(uma resource list --field \'[0]._id\')" --yes',
    },
  ],
  fields: ['_id'],
  spec: 'UMA Federated Authorization 3.2.4',
  async run(options, context) {
    const server = await asResourceServer(context, options);
    const { _id, name } = await server.resolve(options.resource);
    const what = name === undefined ? _id : `${_id} "${name}"`;
    if (!(await confirmed(context, options, `Delete the resource ${what}?`))) return undefined;
    await server.delete(_id);
    return { value: { _id }, told: `deleted the resource ${what}`, note: 'what is left: uma resource list' };
  },
});
