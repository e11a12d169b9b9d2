/** The requesting party's client: claim token and the uma-ticket grant, with polling (UMA Grant 3.3.1, 3.3.5, 3.3.6). */
import { type ClaimToken, ID_TOKEN_FORMAT } from '../protocol/claims.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import type { Outcome, TicketGrantRequest } from '../protocol/outcome.ts';
import { buildPasswordGrant, type TokenAnswer } from '../protocol/token.ts';
import type { Connection } from './connection.ts';
import type { Person } from './resource-server.ts';
import type { FetchedToken } from './tokens.ts';

/** Seconds between polls where the server names no `interval`. */
export const DEFAULT_INTERVAL = 5;
/** A server that asks for 0 or less is still not asked more often than this, in seconds. */
const SHORTEST_INTERVAL = 1;

/** The token answer that holds the party's ID token, by the password grant; default scope `openid email`. */
export function claimTokenOf(
  connection: Connection,
  client: ClientCredentials,
  party: Person,
  scope?: string,
): FetchedToken {
  return {
    key: ['claim', client.id, party.name, scope ?? ''],
    async fetch() {
      const endpoint = await connection.endpoint('token_endpoint');
      const { claimScope, readToken } = connection.dialect.tokens;
      const request = buildPasswordGrant(endpoint, client, {
        username: party.name,
        password: await party.password(),
        scope: scope ?? claimScope,
      });
      const what = `no claim token for ${party.name} and the client ${client.id}`;
      return readToken(await connection.exchange(request), what, connection.note);
    },
  };
}

/** @throws UmaError `no_id_token` (peer) where the answer has none. */
export function claimTokenIn(answer: TokenAnswer): ClaimToken {
  if (answer.id_token === undefined) {
    throw new UmaError(
      'peer',
      'no_id_token',
      'the token answer has no "id_token", so there is no claim token to push',
      { spec: 'OpenID Connect Core 3.1.3.3', hint: 'the client must be allowed the scope openid: --scope openid' },
    );
  }
  return { claim_token: answer.id_token, claim_token_format: ID_TOKEN_FORMAT };
}

/** One attempt to get an RPT. @throws UmaError as `readOutcome`: every answer that is no outcome. */
export async function requestRpt(
  connection: Connection,
  client: ClientCredentials,
  request: TicketGrantRequest,
): Promise<Outcome> {
  const endpoint = await connection.endpoint('token_endpoint');
  const { grant } = connection.dialect;
  return grant.read(await connection.exchange(grant.build(endpoint, client, request)), request, connection.note);
}

export interface RptAttempts {
  /** Waiting for the owner; without it there is one attempt. */
  wait?: {
    /** In all, in seconds. */
    limit: number;
    sleep(seconds: number): Promise<void>;
    /** Told before each sleep: seconds until the next poll, and seconds waited so far. */
    onPending?(next: number, waited: number): void;
  };
  /** Where the claim token was kept from before: a new one, pushed once if the server then answers `need_info`. */
  renewClaims?: () => Promise<ClaimToken>;
}

/**
 * Asks until the outcome is not `request_submitted` or the time is up: waits at least `interval` between polls (GRANT-3.3.6-18) and sends
 * the newest ticket, claims and scopes each time (GRANT-3.3.1-02). The last outcome is returned: pending means that time was up.
 * @throws UmaError as {@link requestRpt}; `ticket_repeated` (peer) when a ticket of this process comes again (GRANT-5.5-04).
 */
export async function obtainRpt(
  connection: Connection,
  client: ClientCredentials,
  request: TicketGrantRequest,
  attempts: RptAttempts = {},
): Promise<Outcome> {
  const began = connection.now();
  const tickets = new Set<string>();
  let { renewClaims } = attempts;
  for (let next = request; ; ) {
    tickets.add(next.ticket);
    const outcome = await requestRpt(connection, client, next);
    if (outcome.kind === 'granted' || outcome.kind === 'request_denied') return outcome;
    if (connection.dialect.grant.rotatesTickets && tickets.has(outcome.ticket)) {
      throw new UmaError('peer', 'ticket_repeated', `${outcome.kind} came with a ticket that was used before`, {
        spec: 'UMA Grant 5.5',
        hint: 'start again with a new ticket from the resource server: uma ticket',
      });
    }
    next = { ...next, ticket: outcome.ticket };
    if (outcome.kind === 'need_info') {
      if (renewClaims === undefined) return outcome;
      next = { ...next, ...(await renewClaims()) };
      renewClaims = undefined;
      continue;
    }
    const pause = Math.max(outcome.interval ?? DEFAULT_INTERVAL, SHORTEST_INTERVAL);
    const waited = connection.now() - began;
    if (attempts.wait === undefined || waited + pause > attempts.wait.limit) return outcome;
    attempts.wait.onPending?.(pause, waited);
    await attempts.wait.sleep(pause);
  }
}
