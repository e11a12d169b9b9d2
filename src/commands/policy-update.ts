import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { POLICY_FLAGS, type PolicyOptions, policyInput, policyOf } from './policy-description.ts';
import { POLICY_FIELDS, policyTable } from './views.ts';

interface Options extends CommonOptions, PolicyOptions {
  id: string;
  allow?: boolean;
}

export const command = defineCommand<Options>({
  description: 'Changes a policy. What no flag names stays as it is.',
  groups: ['as', 'owner'],
  args: [{ name: '<id>', description: 'its id, from `uma policy list`', complete: 'policies' }],
  flags: [...POLICY_FLAGS, { flags: '--allow', description: 'allow again what --deny forbade' }],
  examples: [
    { comment: 'other scopes', line: 'uma policy update p1 --scope view --scope print' },
    { comment: 'forbid instead', line: 'uma policy update p1 --deny' },
  ],
  fields: POLICY_FIELDS,
  async run(options, context) {
    const whole = await policyInput(options, context);
    const owner = await asOwner(context, options);
    const { id: _id, created_at: _created, updated_at: _updated, ...before } = await owner.policy(options.id);
    const changed = options.allow ? { ...before, effect: 'allow' as const } : before;
    const description = whole ?? (await policyOf(options, context, owner, changed));
    if (description === undefined) return undefined;
    const policy = await owner.updatePolicy(options.id, description);
    return {
      value: policy,
      view: (paint) => policyTable(paint, [policy], context.settings.issuer().value),
      told: `updated the policy ${policy.id}`,
      note: `see it with: uma policy show ${policy.id}`,
    };
  },
});
