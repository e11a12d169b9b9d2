import { defineCommand } from '../cli/command.ts';
import { asResourceServer, PAT_FILE, type PatOptions } from './connect.ts';
import { DESCRIPTION_FLAGS, type DescriptionOptions, descriptionOf } from './resource-description.ts';

interface Options extends PatOptions, DescriptionOptions {
  resource: string;
}

export const command = defineCommand<Options>({
  description:
    'Changes a registered resource. The server replaces the whole description; what no flag names stays as it is.',
  groups: ['as', 'rs', 'owner'],
  args: [{ name: '<resource>', description: 'its id, its name or its URI', complete: 'resources' }],
  flags: [...DESCRIPTION_FLAGS, PAT_FILE],
  examples: [
    { comment: 'other scopes', line: 'uma resource update "Photo Album" --scope view --scope print' },
    { comment: 'another name', line: 'uma resource update "Photo Album" --name "Holidays"' },
  ],
  fields: ['_id', 'user_access_policy_uri'],
  spec: 'UMA Federated Authorization 3.2.3',
  async run(options, context) {
    const server = await asResourceServer(context, options);
    const { _id, user_access_policy_uri: _uri, ...before } = await server.resolve(options.resource);
    const answer = await server.update(_id, await descriptionOf(options, context, before));
    return {
      value: answer,
      told: `updated ${_id}`,
      note: `see it with: uma resource show ${_id}`,
    };
  },
});
