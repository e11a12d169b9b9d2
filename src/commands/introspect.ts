import { defineCommand } from '../cli/command.ts';
import { UmaError } from '../protocol/errors.ts';
import { effectivePermissions } from '../protocol/introspection.ts';
import { asResourceServer, PAT_FILE, type PatOptions, tokenFile } from './connect.ts';
import { inWords, permissionTable } from './views.ts';

interface Options extends PatOptions {
  tokenFile?: string;
}

export const command = defineCommand<Options>({
  description:
    'Asks the authorization server, as a resource server does, what an RPT is good for. `active: false` is an answer like any other: exit 0.',
  groups: ['as', 'rs', 'owner'],
  flags: [{ flags: '--token-file <file>', description: 'file with the RPT, - for stdin', file: true }, PAT_FILE],
  reads: 'the RPT: an object with `access_token`, or the bare token',
  environment: [['UMA_RPT', 'the RPT']],
  examples: [
    {
      comment: 'the end of the pipe',
      line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob | uma introspect',
    },
    { comment: 'a token in a file; true or false', line: 'uma introspect --token-file rpt.txt --field active' },
  ],
  fields: ['active', 'permissions', 'exp', 'iat', 'nbf', 'iss', 'sub', 'aud', 'client_id', 'token_type'],
  openFields: true,
  spec: 'UMA Federated Authorization 5.1',
  async run(options, context) {
    const fromFile =
      options.tokenFile === undefined
        ? undefined
        : await tokenFile(context, '--token-file', options.tokenFile, ['access_token', 'rpt', 'token']);
    const piped = fromFile === undefined ? await context.input() : undefined;
    const as_uri = piped?.text('as_uri');
    if (as_uri !== undefined) context.settings.checkTrust(as_uri);
    const fromPipe = piped?.text('access_token') ?? piped?.text('rpt') ?? piped?.text('token');
    const rpt = context.settings.operand('rpt', fromFile, fromPipe);
    if (rpt === undefined) {
      throw new UmaError('usage', 'no_token', 'which token? There is none in --token-file, standard input or UMA_RPT', {
        hint: 'uma rpt --ticket TICKET --party bob | uma introspect',
      });
    }
    const server = await asResourceServer(context, options);
    const answer = await server.introspect(rpt.value);
    const now = context.clock.now();
    return {
      value: answer,
      view: (paint) => {
        if (!answer.active) {
          return `${paint.yellow('not active')}: expired, revoked, or no token that this resource server may use`;
        }
        const holding = effectivePermissions(answer, now);
        const until = answer.exp === undefined ? '' : `, for another ${inWords(answer.exp - now)}`;
        return [
          `${paint.green('active')}${until}`,
          holding.length === 0
            ? 'without any permission: no RPT, or all its permissions have ended'
            : permissionTable(paint, holding),
        ].join('\n');
      },
    };
  },
});
