/** `uma decode`: what is inside a token, without asking anybody and without believing it. */
import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { missing } from '../cli/missing.ts';
import type { Paint } from '../cli/paint.ts';
import { UmaError } from '../protocol/errors.ts';
import { type DecodedToken, decodeToken } from '../protocol/rpt.ts';

interface DecodeOptions {
  tokenFile?: string;
}

/** Which member of a piped object is the token, the first that is there. */
const MEMBERS = ['access_token', 'claim_token', 'id_token', 'rpt', 'pat', 'token', 'pct', 'ticket'];

export const command = defineCommand<DecodeOptions>({
  description:
    'Show header and payload of a JWT, and the permissions it carries. Offline; the signature is not checked.',
  flags: [{ flags: '--token-file <file>', description: 'file with the token, - for standard input', file: true }],
  examples: [
    { comment: "look into the requesting party's claim token", line: 'uma claims --party bob | uma decode' },
    { comment: 'one claim of a token in a file', line: 'uma decode --token-file id-token.txt --field payload.sub' },
  ],
  fields: ['header', 'payload', 'permissions', 'place'],
  reads: 'A token, or an object with access_token, claim_token, id_token, rpt, pat, token, pct or ticket.',
  environment: [['UMA_TOKEN', 'the token']],
  spec: 'RFC 7519 (JWT); UMA Grant 1.3: to a client an RPT is opaque, this is for looking only',
  async run({ tokenFile }, context) {
    const decoded = decodeToken(await tokenOf(tokenFile, context));
    if (decoded === undefined) {
      throw new UmaError('usage', 'opaque_token', 'the token is no JWT: only the server knows what it means', {
        hint: 'uma introspect asks the server',
      });
    }
    const { header, payload, permissions, place } = decoded;
    return {
      value: { header, payload, ...(permissions === undefined ? {} : { permissions, place }) },
      view: (paint) => view(decoded, paint),
    };
  },
});

async function tokenOf(file: string | undefined, context: Context): Promise<string> {
  if (file !== undefined) return context.readSecret('--token-file', file);
  const input = await context.input();
  const piped = MEMBERS.flatMap((name) => input?.text(name) ?? [])[0];
  const token = context.settings.operand('token', undefined, piped)?.value;
  if (token !== undefined) return token;
  throw missing({
    what: 'a token',
    flag: '--token-file FILE',
    variable: 'UMA_TOKEN',
    pipe: 'uma claims --party bob | uma decode',
  });
}

/** JWT members that are times, shown as dates as well. */
const TIMES = ['exp', 'iat', 'nbf', 'auth_time'];

function view({ header, payload, permissions }: DecodedToken, paint: Paint): string {
  const row = ([name, value]: [string, unknown]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const date = TIMES.includes(name) && typeof value === 'number' ? paint.dim(`  ${dateOf(value)}`) : '';
    return `  ${paint.clean(name)}: ${paint.clean(text)}${date}`;
  };
  const granted = permissions?.map(({ resource_id, resource_scopes }) => [resource_id, resource_scopes.join(' ')]);
  return [
    paint.bold('header'),
    ...Object.entries(header).map(row),
    paint.bold('payload'),
    ...Object.entries(payload)
      .filter(([name]) => granted === undefined || name !== 'permissions')
      .map(row),
    ...(granted === undefined ? [] : [paint.table(['resource', 'scopes'], granted)]),
    paint.yellow('the signature was not checked'),
  ].join('\n');
}

function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString();
}
