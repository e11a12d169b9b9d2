import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { REQUEST_FIELDS, requestTable } from './views.ts';

interface Options extends CommonOptions {
  status?: string;
  all?: boolean;
}

export const command = defineCommand<Options>({
  description: 'Lists the requests that wait for the owner.',
  groups: ['as', 'owner'],
  flags: [
    {
      flags: '--status <status>',
      description: 'those of this status (default pending)',
      choices: ['pending', 'approved', 'denied'],
    },
    { flags: '--all', description: 'of every status' },
  ],
  examples: [
    { comment: 'who wants what of Alice', line: 'uma request list --owner alice' },
    { comment: 'the ids alone', line: 'uma request list --json id' },
  ],
  fields: REQUEST_FIELDS,
  async run(options, context) {
    const owner = await asOwner(context, options);
    const requests = await owner.requests(options.all ? {} : { status: options.status ?? 'pending' });
    return {
      value: requests,
      view: (paint) =>
        requests.length === 0
          ? 'no requests'
          : [
              requestTable(paint, requests, context.settings.issuer().value),
              paint.dim('next: uma approve ID, or uma deny ID'),
            ].join('\n'),
      emptyHint: 'a request comes up when somebody asks for a resource and no policy answers: uma rpt',
    };
  },
});
