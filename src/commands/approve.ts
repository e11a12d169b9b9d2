import { defineCommand } from '../cli/command.ts';
import { parseDuration } from '../cli/duration.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { chosenRequests, DECIDED, type DecisionOptions, decideEach, inLines, REQUEST_IDS } from './decision.ts';
import { REQUEST_FIELDS, requestTable } from './views.ts';

interface Options extends CommonOptions, DecisionOptions {
  scope?: string[];
  expires?: number;
}

export const command = defineCommand<Options>({
  description: 'Approves requests: the owner allows what somebody asked for, or part of it.',
  groups: ['as', 'owner'],
  args: [REQUEST_IDS],
  flags: [
    { flags: '--all', description: 'all that wait' },
    {
      flags: '--scope <scope>',
      description: 'allow these scopes only (default: those asked for)',
      list: true,
      complete: 'scopes',
    },
    { flags: '--expires <duration>', description: 'allow it for so long, for instance 2h', parse: parseDuration },
  ],
  examples: [
    { comment: 'everything that waits for Alice', line: 'uma approve --all --owner alice' },
    { comment: 'one request, to view only', line: 'uma approve 7f2c --scope view' },
  ],
  fields: REQUEST_FIELDS,
  async run(options, context) {
    const owner = await asOwner(context, options);
    const ids = await chosenRequests(owner, context, options, 'approve');
    const decision = {
      ...(options.scope === undefined ? {} : { scopes: options.scope }),
      ...(options.expires === undefined ? {} : { expires_at: Math.floor(context.clock.now() + options.expires) }),
    };
    const approved = await decideEach(ids, context, (id) => owner.approve(id, decision));
    return {
      value: approved,
      view: (paint) =>
        approved.length === 0 ? 'no request waits' : requestTable(paint, approved, context.settings.issuer().value),
      ...(approved.length === 0
        ? { emptyHint: DECIDED }
        : { told: inLines(approved, context), note: 'next: uma ticket ... | uma rpt, or uma get URL' }),
    };
  },
});
