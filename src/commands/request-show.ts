import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { memberList, REQUEST_FIELDS } from './views.ts';

interface Options extends CommonOptions {
  id: string;
}

export const command = defineCommand<Options>({
  description: 'Shows one request in full.',
  groups: ['as', 'owner'],
  args: [{ name: '<id>', description: 'its id, from `uma request list`', complete: 'requests' }],
  examples: [
    { comment: 'one request', line: 'uma request show 7f2c' },
    { comment: 'who asks', line: 'uma request show 7f2c --field party.sub' },
  ],
  fields: REQUEST_FIELDS,
  async run(options, context) {
    const request = await (await asOwner(context, options)).request(options.id);
    return { value: request, view: (paint) => memberList(paint, request) };
  },
});
