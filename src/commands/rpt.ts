import { type Command, defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parseDuration } from '../cli/duration.ts';
import type { PipedInput } from '../cli/input.ts';
import type { Connection } from '../client/connection.ts';
import type { GrantRequest } from '../client/dialects/dialect.ts';
import { claimTokenOf, obtainRpt, type RptAttempts, type SecondLook } from '../client/requesting-party.ts';
import { patOf } from '../client/resource-server.ts';
import { obtain } from '../client/tokens.ts';
import type { ClaimToken } from '../protocol/claims.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { type Asking, askingParty, CLAIM_FLAGS, type ClaimOptions } from './asking-party.ts';
import { connect, scopesOf, tokenFile } from './connect.ts';
import { OUTCOME_FIELDS, resultOf } from './rpt-result.ts';
import { permissionOf } from './ticket.ts';
import { inWords } from './views.ts';

interface Options extends ClaimOptions {
  asParty?: boolean;
  bearerFile?: string;
  ticket?: string;
  scope?: string[];
  pctFile?: string;
  rptFile?: string;
  wait?: number;
  timeout?: number;
  /** `--no-submit-request` makes it false. */
  submitRequest?: boolean;
  audience?: string;
  permission?: string[];
  responseMode?: 'decision' | 'permissions';
}

const flags: Command['flags'] = [
  { flags: '--ticket <ticket>', description: 'the permission ticket (else from stdin, or UMA_TICKET)' },
  { flags: '--scope <scope>', description: 'scopes beside those of the ticket', list: true, complete: 'scopes' },
  ...CLAIM_FLAGS,
  { flags: '--pct-file <file>', description: 'file with a PCT of the same party and client', file: true },
  { flags: '--rpt-file <file>', description: 'file with an RPT to upgrade', file: true },
  {
    flags: '--wait <duration>',
    description: 'wait so long for the owner, asking again as the server says',
    parse: parseDuration,
  },
  { flags: '--no-submit-request', description: 'only ask: file no request with the owner (Keycloak)' },
  {
    flags: '--as-party',
    description: "ask with the party's own access token, without client and claim token (Keycloak)",
  },
  { flags: '--bearer-file <file>', description: 'the same with the access token in this file (Keycloak)', file: true },
  {
    flags: '--audience <client>',
    description: "without a ticket: the resource server, by its client's id (Keycloak)",
  },
  {
    flags: '--permission <id=scope,...>',
    description: 'with --audience: what is wanted, by id, name or URI, repeatable (Keycloak)',
    repeat: true,
  },
  {
    flags: '--response-mode <mode>',
    description: 'no RPT: only the decision, or the permissions (Keycloak)',
    choices: ['decision', 'permissions'],
  },
];

export const command = defineCommand<Options>({
  description:
    "Trades a permission ticket and the requesting party's claims for an RPT (requesting party token). A refusal is a result too: it is printed, and the exit code says which one it is.",
  groups: ['as', 'client', 'party'],
  flags: [...(flags ?? [])],
  reads:
    'a permission ticket: an object of `uma ticket`, a bare ticket, a `WWW-Authenticate: UMA` header, or a whole response',
  environment: [
    ['UMA_TICKET', 'the permission ticket'],
    ['UMA_SCOPE', 'as --scope'],
    ['UMA_CLAIM_TOKEN', 'the claim token, as --claim-token-file'],
    ['UMA_CLAIMS_REDIRECT_URI', 'as --claims-redirect-uri'],
    ['UMA_PCT', 'a PCT, as --pct-file'],
    ['UMA_RPT', 'an RPT to upgrade, as --rpt-file'],
  ],
  examples: [
    {
      comment: "an RPT for Bob, for what the resource server's ticket says",
      line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob',
    },
    { comment: 'straight from a refused request', line: 'curl -si https://rs.example/photo | uma rpt --party bob' },
    { comment: 'wait until the owner has decided', line: 'uma rpt --ticket "$TICKET" --party bob --wait 5m' },
    {
      comment: 'at a Keycloak: may Bob view it, yes or no?',
      line: "uma rpt --party bob --audience photoz-restful-api --permission 'Photo Album=view' --response-mode decision",
    },
    {
      comment: 'what the RPT is good for',
      line: 'uma ticket --resource "Photo Album" --scope view | uma rpt --party bob | uma introspect',
    },
  ],
  fields: OUTCOME_FIELDS,
  openFields: true,
  spec: 'UMA Grant 3.3.1',
  async run(options, context) {
    // Standard input is read only where nothing else names the ticket: an open pipe that nobody writes to would hang.
    const ticketless = options.audience !== undefined;
    const piped = options.ticket === undefined && !ticketless ? await context.input() : undefined;
    const ticket = ticketless ? options.ticket : ticketOf(options, context, piped);
    if (ticket === undefined && !ticketless) {
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
    let unsure = false;
    const scope = scopesOf(context, options.scope);
    // Only an object of the caller's own says who is asking; a challenge or a response is the peer's, and it does not.
    const own = piped?.form === 'object' ? piped : undefined;
    const pct = await token(context, 'pct', '--pct-file', options.pctFile, own);
    const rpt = await token(context, 'rpt', '--rpt-file', options.rptFile, own);
    const { claims, gather } = await whoAsks(options, context, connection, client, own);
    const attempts: RptAttempts = {
      look: secondLook(context, connection, () => {
        unsure = true;
      }),
      gather,
      ...(options.wait === undefined ? {} : { wait: waiting(options.wait, context) }),
    };
    const request: GrantRequest = {
      ticket,
      ...claims,
      pct,
      rpt,
      scope,
      submit_request: options.submitRequest === false ? false : undefined,
      audience: options.audience,
      permission: options.permission?.map(permissionOf),
      response_mode: options.responseMode,
    };
    const outcome = await obtainRpt(connection, client, request, attempts).catch((error: unknown) => {
      throw explained(error, ticket, context.clock.now());
    });
    if (unsure) context.note(UNSURE);
    return resultOf(outcome, context);
  },
});

const UNSURE =
  'this server answers the same where the owner was never asked or has said no; with UMA_RS_CLIENT_ID and UMA_RS_CLIENT_SECRET uma looks which it is';

const ticketOf = (options: Options, context: Context, piped: PipedInput | undefined): string | undefined =>
  context.settings.operand('ticket', options.ticket, piped?.text('ticket'))?.value;

/** The resource server's own PAT, if its client is known: for servers whose refusals say too little. */
function secondLook(context: Context, connection: Connection, unsure: () => void): SecondLook {
  return {
    async source() {
      try {
        const rs = await context.settings.rsClient({ ask: false });
        return patOf(connection, rs, { grant: 'client_credentials' });
      } catch (error) {
        if (error instanceof UmaError && error.category === 'config') return undefined;
        throw error;
      }
    },
    unsure,
  };
}

/** Who asks: by an access token of the party's as the bearer, or by claims. */
async function whoAsks(
  options: Options,
  context: Context,
  connection: Connection,
  client: ClientCredentials,
  piped: PipedInput | undefined,
): Promise<Partial<Pick<Asking, 'gather'>> & { claims?: ClaimToken | { bearer: string } }> {
  if (options.bearerFile !== undefined)
    return { claims: { bearer: await tokenFile(context, '--bearer-file', options.bearerFile, ['access_token']) } };
  if (!options.asParty) return askingParty(options, context, connection, client, piped);
  const { answer } = await obtain(connection, claimTokenOf(connection, client, context.settings.party()));
  return { claims: { bearer: answer.access_token } };
}

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
  return context.settings.operand(name, fromFile, piped?.text(name))?.value;
}

export function waiting(limit: number, context: Context): NonNullable<RptAttempts['wait']> {
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
function explained(error: unknown, ticket: string | undefined, now: number): unknown {
  if (!(error instanceof UmaError) || error.code !== 'invalid_grant' || ticket === undefined) return error;
  const end = decodeToken(ticket)?.payload.exp;
  const why =
    typeof end === 'number' && end <= now
      ? `this ticket ended ${inWords(now - end)} ago`
      : 'each attempt takes a new ticket, used within a minute or two: this one was used before, has expired, or is not of this server';
  return new UmaError(error.category, error.code, `${error.message.replace(/(?<!\.)$/, ';')} ${why}`, {
    spec: error.spec,
    status: error.status,
    wire: error.wire,
    exchange: error.exchange,
    hint: 'uma ticket --resource ID --scope SCOPE | uma rpt',
  });
}
