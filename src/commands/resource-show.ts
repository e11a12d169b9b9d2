import { defineCommand } from '../cli/command.ts';
import { asResourceServer, PAT_FILE, type PatOptions } from './connect.ts';
import { memberList, RESOURCE_FIELDS } from './views.ts';

interface Options extends PatOptions {
  resource: string;
}

export const command = defineCommand<Options>({
  description: 'Shows the description of a registered resource.',
  groups: ['as', 'rs', 'owner'],
  args: [{ name: '<resource>', description: 'its id, its name or its URI', complete: 'resources' }],
  flags: [PAT_FILE],
  examples: [
    { comment: 'by name', line: 'uma resource show "Photo Album"' },
    { comment: 'its id', line: 'uma resource show "Photo Album" --field _id' },
  ],
  fields: RESOURCE_FIELDS,
  openFields: true,
  spec: 'UMA Federated Authorization 3.2.2',
  async run(options, context) {
    const server = await asResourceServer(context, options);
    const resource = await server.resolve(options.resource);
    return { value: resource, view: (paint) => memberList(paint, resource) };
  },
});
