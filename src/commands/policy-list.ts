import { defineCommand } from '../cli/command.ts';
import { asOwner, type CommonOptions } from './connect.ts';
import { ownedResource } from './owned.ts';
import { POLICY_FIELDS, policyTable } from './views.ts';

interface Options extends CommonOptions {
  resource?: string;
}

export const command = defineCommand<Options>({
  description: "Lists the owner's policies: who may do what with which resource.",
  groups: ['as', 'owner'],
  flags: [{ flags: '--resource <id|name>', description: 'those of one resource', complete: 'resources' }],
  examples: [
    { comment: "all of Alice's", line: 'uma policy list --owner alice' },
    { comment: 'of one resource', line: 'uma policy list --resource "Photo Album"' },
  ],
  fields: POLICY_FIELDS,
  async run(options, context) {
    const owner = await asOwner(context, options);
    const resource = options.resource === undefined ? undefined : await ownedResource(owner, options.resource);
    const policies = await owner.policies({ resource_id: resource?._id });
    return {
      value: policies,
      view: (paint) =>
        policies.length === 0 ? 'no policies' : policyTable(paint, policies, context.settings.issuer().value),
      emptyHint: 'none yet: uma policy add --resource ID --party bob --scope view, or uma approve',
    };
  },
});
