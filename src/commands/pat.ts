import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { type PatGrant, patOf } from '../client/resource-server.ts';
import { fetchToken } from '../client/tokens.ts';
import { type CommonOptions, connect, playing } from './connect.ts';
import { SIGN_IN_FLAGS, type SignInOptions, signInOn } from './sign-in.ts';
import { tokenView } from './views.ts';

interface Options extends CommonOptions, SignInOptions {
  grant?: 'password' | 'client_credentials' | 'browser' | 'device';
}

export const command = defineCommand<Options>({
  description:
    'Gets a new PAT (protection API token), with which a resource server registers resources and asks for permission tickets on behalf of an owner. Commands that need one get it themselves.',
  groups: ['as', 'rs', 'owner'],
  flags: [
    {
      flags: '--grant <grant>',
      description:
        'how: password (of the owner), browser or device (she signs in at the server), or client_credentials (a PAT of the resource server itself)',
      choices: ['password', 'client_credentials', 'browser', 'device'],
    },
    ...SIGN_IN_FLAGS,
  ],
  examples: [
    { comment: "a PAT for Alice's resources", line: 'uma pat --owner alice' },
    { comment: 'for curl', line: 'curl -H "$(uma pat --header)" "$RESOURCE_ENDPOINT"' },
    { comment: "the resource server's own", line: 'uma pat --grant client_credentials' },
  ],
  fields: ['access_token', 'token_type', 'expires_in', 'scope', 'refresh_token'],
  spec: 'UMA Federated Authorization 1.3',
  async run(options, context) {
    const connection = connect(playing(context, 'resource server'), options);
    const client = await context.settings.rsClient();
    const answer = await fetchToken(connection, patOf(connection, client, grantOf(options, context)));
    return { value: answer, view: (paint) => tokenView(paint, 'PAT', answer) };
  },
});

function grantOf({ grant = 'password', ...options }: Options, context: Context): PatGrant {
  if (grant === 'client_credentials') return { grant };
  const owner = context.settings.owner();
  return grant === 'password'
    ? { grant, owner }
    : { grant: 'sign-in', owner, signIn: signInOn(context, grant, options, { name: owner.name }) };
}
