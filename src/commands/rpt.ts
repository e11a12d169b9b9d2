import { type Command, defineCommand, type Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parseDuration } from '../cli/duration.ts';
import { EXIT } from '../cli/exit-codes.ts';
import type { PipedInput } from '../cli/input.ts';
import type { Paint } from '../cli/paint.ts';
import type { Connection } from '../client/connection.ts';
import { claimTokenIn, claimTokenOf, obtainRpt, type RptAttempts } from '../client/requesting-party.ts';
import { obtain, renew } from '../client/tokens.ts';
import { type ClaimToken, describeRequiredClaim, ID_TOKEN_FORMAT } from '../protocol/claims.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import type { Granted, NeedInfo, Outcome } from '../protocol/outcome.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { type CommonOptions, connect, jsonOf, scopesOf, shellWord, tokenFile } from './connect.ts';
import { inWords, permissionTable } from './views.ts';

interface Options extends CommonOptions {
  ticket?: string;
  scope?: string[];
  claimTokenFile?: string;
  claimTokenFormat?: string;
  /** `--no-claims` makes it false. */
  claims?: boolean;
  pctFile?: string;
  rptFile?: string;
  wait?: number;
  timeout?: number;
}

const flags: Command['flags'] = [
  { flags: '--ticket <ticket>', description: 'the permission ticket (else from stdin, or UMA_TICKET)' },
  { flags: '--scope <scope>', description: 'scopes beside those of the ticket', list: true },
  {
    flags: '--claim-token-file <file>',
    description: 'file with the claim token, bare or as `uma claims` prints it, - for stdin',
    file: true,
  },
  { flags: '--claim-token-format <uri>', description: 'its format (default: an OpenID Connect ID Token)' },
  { flags: '--no-claims', description: 'push no claim token' },
  { flags: '--pct-file <file>', description: 'file with a PCT of the same party and client', file: true },
  { flags: '--rpt-file <file>', description: 'file with an RPT to upgrade', file: true },
  {
    flags: '--wait <duration>',
    description: 'wait so long for the owner, asking again as the server says',
    parse: parseDuration,
  },
];

export const command = defineCommand<Options>({
  description:
    "Trades a permission ticket and the requesting party's claims for an RPT (requesting party token). A refusal is a result too: it is printed, and the exit code says which one it is.",
  groups: ['as', 'client', 'party'],
  flags: [...(flags ?? [])],
  reads:
    'a permission ticket: an object of `uma ticket`, a bare ticket, a `WWW-Authenticate: UMA` header, or a whole response',
  environment: [['UMA_TICKET', 'the permission ticket']],
  examples: [
    {
      comment: "an RPT for Bob, for what the resource server's ticket says",
      line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob',
    },
    { comment: 'straight from a refused request', line: 'curl -si https://rs.example/photo | uma rpt --party bob' },
    { comment: 'wait until the owner has decided', line: 'uma rpt --ticket "$TICKET" --party bob --wait 5m' },
    {
      comment: 'what the RPT is good for',
      line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob | uma introspect',
    },
  ],
  spec: 'UMA Grant 3.3.1',
  async run(options, context) {
    // Standard input is read only where nothing else names the ticket: an open pipe that nobody writes to would hang.
    const piped = options.ticket === undefined ? await context.input() : undefined;
    const ticket = context.settings.operand('ticket', options.ticket, piped?.text('ticket'));
    if (ticket === undefined) {
      throw new UmaError(
        'usage',
        'no_ticket',
        'which permission ticket? There is none in --ticket, standard input or UMA_TICKET',
        {
          hint: 'uma ticket --resource ID --scope view | uma rpt --party bob',
          spec: 'UMA Grant 3.3.1',
        },
      );
    }
    const as_uri = piped?.text('as_uri');
    if (as_uri !== undefined) context.settings.checkTrust(as_uri);
    const connection = connect(context, options);
    const client = await context.settings.client();
    const scope = scopesOf(context, options.scope);
    const pct = await token(context, 'pct', '--pct-file', options.pctFile, piped);
    const rpt = await token(context, 'rpt', '--rpt-file', options.rptFile, piped);
    const { claims, renewClaims } = await claimsFor(options, context, connection, client, piped);
    const attempts: RptAttempts = {
      ...(renewClaims === undefined ? {} : { renewClaims }),
      ...(options.wait === undefined ? {} : { wait: waiting(options.wait, context) }),
    };
    const request = { ticket: ticket.value, ...claims, pct, rpt, scope };
    const outcome = await obtainRpt(connection, client, request, attempts).catch((error: unknown) => {
      throw explained(error, ticket.value, context.clock.now());
    });
    return resultOf(outcome, context);
  },
});

async function token(
  context: Context,
  name: 'pct' | 'rpt',
  flag: string,
  path: string | undefined,
  piped: PipedInput | undefined,
): Promise<string | undefined> {
  const fromFile =
    path === undefined
      ? undefined
      : await tokenFile(context, flag, path, name === 'rpt' ? ['rpt', 'access_token'] : [name]);
  const beside = piped?.form === 'token' ? undefined : piped?.text(name);
  return context.settings.operand(name, fromFile, beside)?.value;
}

/** Given by file, standard input or environment; else of the party, from the cache or fetched. */
async function claimsFor(
  options: Options,
  context: Context,
  connection: Connection,
  client: ClientCredentials,
  piped: PipedInput | undefined,
): Promise<{ claims?: ClaimToken; renewClaims?: () => Promise<ClaimToken> }> {
  if (options.claims === false) return {};
  let format = options.claimTokenFormat;
  let fromFile: string | undefined;
  if (options.claimTokenFile !== undefined) {
    const text = await context.readSecret('--claim-token-file', options.claimTokenFile);
    const object = text.startsWith('{') ? jsonOf(text) : undefined;
    fromFile = text;
    if (text.startsWith('{')) {
      const found = object?.claim_token ?? object?.id_token;
      if (typeof found !== 'string') {
        throw new UmaError(
          'usage',
          'unknown_input',
          '--claim-token-file: the object has no string member claim_token or id_token',
        );
      }
      fromFile = found;
      if (typeof object?.claim_token_format === 'string') format ??= object.claim_token_format;
    }
  }
  const beside = piped?.form === 'token' ? undefined : piped?.text('claim_token');
  const given = context.settings.operand('claim_token', fromFile, beside);
  if (given !== undefined) {
    if (given.origin === 'stdin') format ??= piped?.text('claim_token_format');
    return { claims: { claim_token: given.value, claim_token_format: format ?? ID_TOKEN_FORMAT } };
  }
  const source = claimTokenOf(connection, client, context.settings.party());
  const { answer, kept } = await obtain(connection, source);
  const claims = withFormat(claimTokenIn(answer), format);
  if (!kept) return { claims };
  return { claims, renewClaims: async () => withFormat(claimTokenIn(await renew(connection, source)), format) };
}

const withFormat = (claims: ClaimToken, format: string | undefined): ClaimToken =>
  format === undefined ? claims : { ...claims, claim_token_format: format };

function waiting(limit: number, context: Context): NonNullable<RptAttempts['wait']> {
  return {
    limit,
    sleep: (seconds) => context.clock.sleep(seconds, context.signal),
    onPending: (next, waited) =>
      context.note(
        `the owner has not decided; asking again in ${inWords(next)} (waited ${inWords(waited)} of ${inWords(limit)})`,
      ),
  };
}

/** `invalid_grant` says nothing of the reason; what can be known here is said (users lose hours on it). */
function explained(error: unknown, ticket: string, now: number): unknown {
  if (!(error instanceof UmaError) || error.code !== 'invalid_grant') return error;
  const end = decodeToken(ticket)?.payload.exp;
  const why =
    typeof end === 'number' && end <= now
      ? `this ticket ended ${inWords(now - end)} ago`
      : 'each attempt takes a new ticket, used within a minute or two: this one was used before, has expired, or is not of this server';
  return new UmaError(error.category, error.code, `${error.message}; ${why}`, {
    spec: error.spec,
    status: error.status,
    wire: error.wire,
    exchange: error.exchange,
    hint: 'uma ticket --resource ID --scope SCOPE | uma rpt',
  });
}

function resultOf(outcome: Outcome, context: Context): Result {
  switch (outcome.kind) {
    case 'granted':
      return { value: outcome.wire, token: outcome.rpt, view: (paint) => grantedView(paint, outcome) };
    case 'request_submitted': {
      const owner = ownerName(context);
      return {
        value: outcome.wire,
        exitCode: EXIT.request_submitted,
        view: (paint) => refusedView(paint, 'request submitted', outcome.wire, outcome.ticket),
        note:
          `${owner ?? 'the resource owner'} has to decide: ` +
          `uma request list${owner === undefined ? '' : ` --owner ${shellWord(owner)}`}, then uma approve ID; ` +
          'after that try again with the ticket printed here, or with a new one (--wait 5m does it by itself)',
      };
    }
    case 'need_info':
      return {
        value: outcome.wire,
        exitCode: EXIT.need_info,
        view: (paint) => refusedView(paint, 'more claims needed', outcome.wire, outcome.ticket),
        note: needed(outcome),
      };
    case 'request_denied':
      return {
        value: outcome.wire,
        exitCode: EXIT.request_denied,
        view: (paint) => refusedView(paint, 'request denied', outcome.wire),
        note: 'the answer is no, and asking again with the same claims changes nothing; the owner can say otherwise: uma policy list',
      };
  }
}

/** Whom to point to; the requesting party often does not know her. */
function ownerName(context: Context): string | undefined {
  try {
    return context.settings.owner().name;
  } catch (error) {
    if (error instanceof UmaError) return undefined;
    throw error;
  }
}

function needed({ required_claims, redirect_user }: NeedInfo): string {
  const wanted = required_claims.map(describeRequiredClaim).join('; ');
  return [
    ...(wanted === ''
      ? []
      : [`the server wants ${wanted}: push a claim token that has it (--claim-token-file, --party)`]),
    ...(redirect_user === undefined
      ? []
      : [
          `${wanted === '' ? 'the' : 'or the'} requesting party goes to ${redirect_user} in a browser, with client_id and the ticket printed here`,
        ]),
  ].join('; ');
}

function grantedView(paint: Paint, { rpt, answer, upgraded, pct }: Granted): string {
  const permissions = decodeToken(rpt)?.permissions;
  return [
    `${paint.bold('RPT')} ${paint.secret(rpt)}`,
    ...(answer.expires_in === undefined ? [] : [`for ${inWords(answer.expires_in)}`]),
    ...(upgraded ? ['upgraded from the RPT that was sent'] : []),
    ...(pct === undefined ? [] : [`PCT ${paint.secret(pct)} (keep it: --pct-file)`]),
    ...(permissions === undefined ? [] : [permissionTable(paint, permissions)]),
    paint.dim('next: uma get URL, or what it is good for: uma introspect'),
  ].join('\n');
}

function refusedView(paint: Paint, what: string, wire: Record<string, unknown>, ticket?: string): string {
  const said = typeof wire.error_description === 'string' ? `: ${paint.clean(wire.error_description)}` : '';
  return [
    `${paint.yellow(what)} (${paint.clean(String(wire.error))})${said}`,
    ...(ticket === undefined ? [] : [`ticket ${paint.clean(ticket)}`]),
  ].join('\n');
}
