import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import { asResourceServer, PAT_FILE, type PatOptions, shellWord } from './connect.ts';
import { DESCRIPTION_FLAGS, type DescriptionOptions, descriptionOf } from './resource-description.ts';

type Options = PatOptions & DescriptionOptions;

export const command = defineCommand<Options>({
  description: 'Registers a resource of the owner at the authorization server.',
  groups: ['as', 'rs', 'owner'],
  flags: [...DESCRIPTION_FLAGS, PAT_FILE],
  examples: [
    { comment: 'a resource with two scopes', line: 'uma register --name "Photo Album" --scope view --scope download' },
    { comment: 'the whole description as JSON', line: 'uma register --input album.json' },
    { comment: 'only its id', line: 'uma register --name Photo --scope view --field _id' },
  ],
  fields: ['_id', 'user_access_policy_uri'],
  spec: 'UMA Federated Authorization 3.2.1',
  async run(options, context) {
    const description = await descriptionOf(options, context);
    if (description.name === undefined && options.input === undefined) {
      throw new UmaError('usage', 'missing_name', 'a resource needs a name, or its whole description', {
        hint: 'uma register --name "Photo Album" --scope view, or --input FILE',
      });
    }
    const server = await asResourceServer(context, options);
    const answer = await server.register(description);
    const name = description.name === undefined ? '' : ` "${description.name}"`;
    const scopes = description.resource_scopes.map((scope) => ` --scope ${shellWord(scope)}`).join('');
    const told = `registered${name} as ${answer._id}`;
    const uri = answer.user_access_policy_uri;
    return {
      value: answer,
      view: () => (uri === undefined ? told : `${told}\nthe owner sets policies at ${uri}`),
      told,
      note: `next: uma ticket --resource ${shellWord(answer._id)}${scopes}`,
    };
  },
});
