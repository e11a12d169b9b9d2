import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { POLICY_FLAGS, type PolicyOptions, policyInput, policyOf } from './policy-description.ts';
import { POLICY_FIELDS, policyTable } from './views.ts';

type Options = CommonOptions & PolicyOptions;

export const command = defineCommand<Options>({
  description: 'Adds a policy: the owner allows (or forbids) something beforehand, without a request.',
  groups: ['as', 'owner'],
  flags: POLICY_FLAGS,
  examples: [
    {
      comment: 'Bob may view the album for two hours',
      line: 'uma policy add --resource "Photo Album" --party bob --scope view --expires 2h',
    },
    {
      comment: 'Chris may not, whatever else says so',
      line: 'uma policy add --resource "Photo Album" --party chris --deny',
    },
  ],
  fields: POLICY_FIELDS,
  async run(options, context) {
    const whole = await policyInput(options, context);
    const owner = await asOwner(context, options);
    const description = whole ?? (await policyOf(options, context, owner));
    if (description === undefined) return undefined;
    const policy = await owner.createPolicy(description);
    return {
      value: policy,
      view: (paint) => policyTable(paint, [policy], context.settings.issuer().value),
      told: `added the policy ${policy.id}`,
      note: `take it back with: uma policy delete ${policy.id}`,
    };
  },
});
