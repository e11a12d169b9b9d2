/** The uma-ticket grant as a client sees it: request of UMA Grant 3.3.1, the four outcomes of 3.3.5 and 3.3.6. */
import { type RequiredClaim, readRequiredClaims } from './claims.ts';
import { UmaError } from './errors.ts';
import {
  address,
  type ClientCredentials,
  clientAuthentication,
  formPost,
  type HttpExchange,
  type HttpRequest,
  jsonObject,
  refusal,
} from './http.ts';
import type { RequestedPermission } from './permission.ts';
import { type TokenAnswer, tolerantTokenMembers } from './token.ts';

export const UMA_TICKET_GRANT = 'urn:ietf:params:oauth:grant-type:uma-ticket';

export interface TicketGrantRequest {
  ticket: string;
  claim_token?: string | undefined;
  claim_token_format?: string | undefined;
  pct?: string | undefined;
  rpt?: string | undefined;
  /** Joined with single spaces on the wire; empty = parameter left out. */
  scope?: readonly string[] | undefined;
  /** RFC 8707 resource indicator: the resource server's origin (ATK-02). */
  resource?: string | undefined;
  /** Of the code challenge that the ticket came back from the claims interaction endpoint with (TICKET_PKCE_PROFILE). */
  code_verifier?: string | undefined;
}

/** The requesting party has an RPT. `wire` is the answer as sent. */
export interface Granted {
  kind: 'granted';
  rpt: string;
  upgraded: boolean;
  pct?: string;
  /** What the ticket asked for and the RPT does not have; absent where nothing lacks, or it cannot be seen. */
  missing?: RequestedPermission[];
  answer: TokenAnswer;
  wire: Record<string, unknown>;
}
/** More or better claims are needed: push them, or send the requesting party to `redirect_user`. */
export interface NeedInfo {
  kind: 'need_info';
  ticket: string;
  required_claims: RequiredClaim[];
  redirect_user?: string;
  /** In words: what was asked for before and is asked for again, in spite of what was sent since. */
  asked_again?: string[];
  wire: Record<string, unknown>;
}
/** The resource owner has to decide. Poll with `ticket`, not before `interval` seconds. */
export interface RequestSubmitted {
  kind: 'request_submitted';
  ticket: string;
  interval?: number;
  wire: Record<string, unknown>;
}
/** A firm no; the process is over. */
export interface RequestDenied {
  kind: 'request_denied';
  wire: Record<string, unknown>;
}
export type Outcome = Granted | NeedInfo | RequestSubmitted | RequestDenied;

/**
 * The token request of UMA Grant 3.3.1.
 * @throws UmaError `claim_token_incomplete` (category `usage`) for a claim token without its format, or the other way round.
 */
export function buildTicketGrant(
  endpoint: string,
  client: ClientCredentials,
  request: TicketGrantRequest,
): HttpRequest {
  const { headers, members } = clientAuthentication(client);
  const { scope, ...rest } = request;
  if ((rest.claim_token === undefined) !== (rest.claim_token_format === undefined)) {
    throw new UmaError('usage', 'claim_token_incomplete', 'a claim token and its format go together or not at all', {
      spec: 'UMA Grant 3.3.1',
    });
  }
  return formPost(
    endpoint,
    {
      ...members,
      grant_type: UMA_TICKET_GRANT,
      ...rest,
      scope: scope === undefined || scope.length === 0 ? undefined : scope.join(' '),
    },
    headers,
  );
}

/**
 * The outcome in an answer to the uma-ticket grant.
 * @throws UmaError for every other answer: the refusal (`invalid_grant`, `invalid_scope`, `invalid_client`, ...) with a hint, or
 *   category `peer` when the answer breaks the protocol (`ticket_missing`, `ticket_repeated`, `need_info_empty`, `invalid_token_answer`).
 */
export function readOutcome(exchange: HttpExchange, sent: { ticket: string }): Outcome {
  const { status } = exchange.response;
  if (status === 200) return readGranted(exchange);
  const known = status === 403 || status === 400 ? outcomeCode(exchange) : undefined;
  if (known === undefined) throw refusedGrant(exchange);
  const wire = jsonObject(exchange);
  if (known === 'request_denied') return { kind: known, wire };
  const ticket = wire.ticket;
  if (typeof ticket !== 'string' || ticket === '')
    throw broken(exchange, 'ticket_missing', `${known} came without the new "ticket" it must carry`);
  if (ticket === sent.ticket)
    throw broken(exchange, 'ticket_repeated', `${known} came with the ticket that was sent, not with a new one`);
  if (known === 'request_submitted') {
    return {
      kind: known,
      ticket,
      wire,
      ...(typeof wire.interval === 'number' ? { interval: wire.interval } : {}),
    };
  }
  const required_claims = readRequiredClaims(wire.required_claims);
  const redirect = wire.redirect_user;
  if (required_claims.length === 0 && typeof redirect !== 'string') {
    throw broken(exchange, 'need_info_empty', 'need_info came with neither "required_claims" nor "redirect_user"');
  }
  return {
    kind: known,
    ticket,
    required_claims,
    wire,
    ...(typeof redirect === 'string' ? { redirect_user: redirect } : {}),
  };
}

function readGranted(exchange: HttpExchange): Granted {
  const wire = jsonObject(exchange);
  if (typeof wire.access_token !== 'string' || wire.access_token === '') {
    throw broken(exchange, 'invalid_token_answer', 'a success answer came without a string "access_token"');
  }
  const answer = tolerantTokenMembers(wire);
  return {
    kind: 'granted',
    rpt: answer.access_token,
    upgraded: wire.upgraded === true,
    answer,
    wire,
    ...(typeof wire.pct === 'string' ? { pct: wire.pct } : {}),
  };
}

function outcomeCode(exchange: HttpExchange): 'need_info' | 'request_submitted' | 'request_denied' | undefined {
  const { error } = jsonObject(exchange);
  return error === 'need_info' || error === 'request_submitted' || error === 'request_denied' ? error : undefined;
}

const HINTS: Record<string, string> = {
  invalid_grant:
    'a ticket is good for one attempt and a short time: get a new one from the resource server (`uma ticket`)',
  invalid_scope: 'ask only for scopes that a resource of the ticket offers',
  invalid_client: "check the client's id and secret",
  unauthorized_client: 'the client must be allowed the uma-ticket grant at the authorization server',
  unsupported_grant_type: 'this authorization server does not offer the uma-ticket grant',
};

function refusedGrant(exchange: HttpExchange): UmaError {
  const first = refusal(exchange, 'no RPT', { spec: 'UMA Grant 3.3.6' });
  const hint = HINTS[first.code];
  return hint === undefined ? first : refusal(exchange, 'no RPT', { spec: 'UMA Grant 3.3.6', hint });
}

function broken(exchange: HttpExchange, code: string, message: string): UmaError {
  return new UmaError('peer', code, `${address(exchange)}: ${message}`, {
    spec: 'UMA Grant 3.3.6',
    status: exchange.response.status,
    exchange,
  });
}
