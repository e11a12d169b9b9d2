import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { chosenRequests, DECIDED, type DecisionOptions, decideEach, inLines, REQUEST_IDS } from './decision.ts';
import { REQUEST_FIELDS, requestTable } from './views.ts';

interface Options extends CommonOptions, DecisionOptions {
  message?: string;
}

export const command = defineCommand<Options>({
  description: 'Denies requests: the party is told request_denied.',
  groups: ['as', 'owner'],
  args: [REQUEST_IDS],
  flags: [
    { flags: '--all', description: 'all that wait' },
    { flags: '--message <text>', description: 'why, kept with the request' },
  ],
  examples: [
    { comment: 'one request', line: 'uma deny 7f2c' },
    { comment: 'everything that waits for Alice', line: 'uma deny --all --owner alice' },
  ],
  fields: REQUEST_FIELDS,
  async run(options, context) {
    const owner = await asOwner(context, options);
    const ids = await chosenRequests(owner, context, options, 'deny');
    const decision = options.message === undefined ? {} : { message: options.message };
    const denied = await decideEach(ids, context, (id) => owner.deny(id, decision));
    return {
      value: denied,
      view: (paint) =>
        denied.length === 0 ? 'no request waits' : requestTable(paint, denied, context.settings.issuer().value),
      ...(denied.length === 0
        ? { emptyHint: DECIDED }
        : { told: inLines(denied, context), note: 'see it with: uma request list --all' }),
    };
  },
});
