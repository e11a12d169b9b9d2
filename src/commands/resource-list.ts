import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import { asOwner, asResourceServer, PAT_FILE, type PatOptions } from './connect.ts';
import { sharedBy } from './owned.ts';
import { RESOURCE_FIELDS, time } from './views.ts';

interface Options extends PatOptions {
  ids?: boolean;
  shared?: boolean;
}

export const command = defineCommand<Options>({
  description: 'Lists the resources that this owner and resource server have registered.',
  groups: ['as', 'rs', 'owner'],
  flags: [
    { flags: '--ids', description: 'only the array of ids, as the server answers it: one request' },
    { flags: '--shared', description: 'what others share with this person' },
    PAT_FILE,
  ],
  examples: [
    { comment: "Alice's resources", line: 'uma resource list --owner alice' },
    { comment: 'ids alone, quickly', line: 'uma resource list --ids' },
    { comment: 'what others share with Bob', line: 'uma resource list --shared --owner bob' },
  ],
  fields: [
    ...RESOURCE_FIELDS,
    // With --shared.
    'resource_id',
    'owner',
    'owner_name',
    'client_id',
    'scopes',
    'via',
    'since',
    'expires_at',
  ],
  spec: 'UMA Federated Authorization 3.2.5',
  async run(options, context) {
    if (options.shared) {
      if (options.ids) throw new UmaError('usage', 'conflicting_flags', '--shared and --ids exclude each other');
      const owner = await asOwner(context, options);
      const shared = await sharedBy(owner);
      return {
        value: shared,
        view: (paint) =>
          paint.table(
            ['resource', 'name', 'of', 'scopes', 'until'],
            shared.map(({ resource_id, name = '', owner: sub, owner_name = sub, scopes, expires_at }) => [
              resource_id,
              name,
              owner_name,
              scopes.join(' '),
              expires_at === undefined ? '' : time(expires_at),
            ]),
          ),
        emptyHint: 'nobody shares anything with this person',
      };
    }
    const server = await asResourceServer(context, options);
    const emptyHint = 'none yet: uma register --name "Photo Album" --scope view';
    if (options.ids) {
      const ids = await server.list();
      return { value: ids, view: (paint) => ids.map((id) => paint.clean(id)).join('\n'), emptyHint };
    }
    const resources = await server.describe(Number.POSITIVE_INFINITY);
    return {
      value: resources,
      view: (paint) =>
        resources.length === 0
          ? 'no resources'
          : paint.table(
              ['resource', 'name', 'type', 'scopes'],
              resources.map(({ _id, name, type, resource_scopes }) => [
                _id,
                name ?? '',
                type ?? '',
                resource_scopes.join(' '),
              ]),
            ),
      emptyHint,
    };
  },
});
