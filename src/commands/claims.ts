import { defineCommand } from '../cli/command.ts';
import { claimTokenIn, claimTokenOf } from '../client/requesting-party.ts';
import { fetchToken } from '../client/tokens.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { type CommonOptions, connect, shellWord } from './connect.ts';
import { SIGN_IN_FLAGS, type SignInOptions, signInOn } from './sign-in.ts';

interface Options extends CommonOptions, SignInOptions {
  grant?: 'password' | 'browser' | 'device';
  scope?: string[];
}

export const command = defineCommand<Options>({
  description:
    "Gets a claim token: the requesting party's ID token, which the client pushes beside the permission ticket. `uma rpt` gets it itself when it is given none.",
  groups: ['as', 'client', 'party'],
  flags: [
    {
      flags: '--grant <grant>',
      description: 'how the party signs in: by password here, or at the server in a browser or on another device',
      choices: ['password', 'browser', 'device'],
    },
    ...SIGN_IN_FLAGS,
    { flags: '--scope <scope>', description: 'what to ask for (default: openid and email)', list: true },
  ],
  examples: [
    { comment: "Bob's claim token", line: 'uma claims --party bob' },
    { comment: 'see what it says', line: 'uma claims --party bob | uma decode' },
    {
      comment: 'push it for a ticket',
      line: 'uma claims --party bob | uma rpt --ticket "$TICKET" --claim-token-file -',
    },
  ],
  fields: ['claim_token', 'claim_token_format'],
  spec: 'UMA Grant 3.3.1',
  async run(options, context) {
    const connection = connect(context, options);
    const party = context.settings.party();
    // `--scope "openid email"`, as the wire writes it, is two scopes.
    const scope = options.scope?.flatMap((word) => word.split(/\s+/)).join(' ');
    const { grant = 'password' } = options;
    const how = grant === 'password' ? undefined : signInOn(context, grant, options, { name: party.name });
    const source = claimTokenOf(connection, await context.settings.client(), party, scope, how);
    const claims = claimTokenIn(await fetchToken(connection, source));
    return {
      value: claims,
      token: claims.claim_token,
      view: (paint) => {
        const payload = decodeToken(claims.claim_token)?.payload ?? {};
        const said = Object.entries(payload).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]);
        return [
          `${paint.bold('claim token')} of ${paint.clean(party.name)}: ${paint.secret(claims.claim_token)}`,
          `format ${claims.claim_token_format}`,
          paint.table(['claim', 'value'], said),
          paint.dim(`next: uma rpt --ticket TICKET --party ${shellWord(party.name)}`),
        ].join('\n');
      },
    };
  },
});
