/** What `uma rpt` prints for each outcome, and with which exit code it ends. */
import type { Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { EXIT } from '../cli/exit-codes.ts';
import type { Paint } from '../cli/paint.ts';
import type { Assessed } from '../client/dialects/dialect.ts';
import { describeRequiredClaim } from '../protocol/claims.ts';
import { UmaError } from '../protocol/errors.ts';
import { readPermissions } from '../protocol/introspection.ts';
import type { Granted, NeedInfo, Outcome } from '../protocol/outcome.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { shellWord } from './connect.ts';
import { inWords, permissionTable } from './views.ts';

/** Members of the outcomes, as help and `--json` name them. */
export const REFUSED_FIELDS: readonly string[] = [
  'error',
  'error_description',
  'ticket',
  'required_claims',
  'redirect_user',
  'interval',
];
export const OUTCOME_FIELDS: readonly string[] = [
  ...['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'upgraded', 'pct'],
  ...REFUSED_FIELDS,
];

const WITH_TICKET = 'with the ticket printed here, or with a new one';

/** Result, exit code and next step of each outcome (UMA Grant 3.3.5, 3.3.6). `again` says how to ask once more. */
export function resultOf(outcome: Outcome | Assessed, context: Context, again = WITH_TICKET): Result {
  switch (outcome.kind) {
    case 'assessed':
      return { value: outcome.wire, view: (paint) => assessedView(paint, outcome) };
    case 'granted':
      return {
        value: outcome.wire,
        token: outcome.rpt,
        view: (paint) => grantedView(paint, outcome),
        ...(outcome.missing === undefined ? {} : { note: lacking(outcome.missing) }),
      };
    case 'request_submitted': {
      const owner = ownerName(context);
      return {
        value: outcome.wire,
        exitCode: EXIT.request_submitted,
        view: (paint) => refusedView(paint, 'request submitted', outcome.wire, outcome.ticket),
        note:
          `${owner ?? 'the resource owner'} has to decide: ` +
          `uma request list${owner === undefined ? '' : ` --owner ${shellWord(owner)}`}, then uma approve ID; ` +
          `after that try again ${again} (--wait 5m does it by itself)`,
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

function needed({ required_claims, redirect_user, asked_again: again = [] }: NeedInfo): string {
  const wanted = required_claims.map(describeRequiredClaim).join('; ');
  const twice = again.length === 0 ? [] : [`asked for again, in spite of what was sent: ${again.join('; ')}`];
  const push =
    wanted === '' ? [] : [`the server wants ${wanted}: push a claim token that has it (--claim-token-file, --party)`];
  const visit =
    redirect_user === undefined
      ? []
      : [
          `${wanted === '' ? 'the' : 'or the'} requesting party gives claims at ${redirect_user}: on a terminal uma sends her there, ` +
            'with --no-browser it only prints the address',
        ];
  return [...twice, ...push, ...visit].join('; ');
}

/** A part is a success on the wire; the reader has to be told (UMA Grant 3.3.5). */
const lacking = (missing: NonNullable<Granted['missing']>): string =>
  `a part only: the RPT lacks ${missing
    .map(({ resource_id, resource_scopes }) => `${resource_scopes.join(', ') || 'anything'} on ${resource_id}`)
    .join('; ')}, which was asked for; the owner may still be asked about it: uma request list`;

function assessedView(paint: Paint, { wire }: Assessed): string {
  const permissions = readPermissions(wire);
  return permissions === undefined ? paint.green('yes') : permissionTable(paint, permissions);
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
