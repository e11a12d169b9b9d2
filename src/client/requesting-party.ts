/** The requesting party's client: claim token and the uma-ticket grant, with polling (UMA Grant 3.3.1, 3.3.5, 3.3.6). */
import { type ClaimToken, describeRequiredClaim, ID_TOKEN_FORMAT } from '../protocol/claims.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials, HttpExchange, HttpRequest } from '../protocol/http.ts';
import type { NeedInfo, Outcome } from '../protocol/outcome.ts';
import { buildPasswordGrant, type TokenAnswer } from '../protocol/token.ts';
import type { Connection } from './connection.ts';
import type { Assessed, GrantRequest, WithToken } from './dialects/dialect.ts';
import type { Person } from './resource-server.ts';
import type { SignIn } from './sign-in.ts';
import { type FetchedToken, sendWithToken, type TokenSource } from './tokens.ts';

/** Seconds between polls where the server names no `interval`. */
export const DEFAULT_INTERVAL = 5;
/** A server that asks for 0 or less is still not asked more often than this, in seconds. */
const SHORTEST_INTERVAL = 1;

/**
 * The token answer that holds the party's ID token, by the password grant or, where `how` says so, by her own sign-in; default scope
 * `openid email`.
 */
export function claimTokenOf(
  connection: Connection,
  client: ClientCredentials,
  party: Person,
  scope?: string,
  how?: SignIn | (() => Promise<SignIn | undefined>),
): FetchedToken {
  const byPassword = how === undefined || typeof how === 'function';
  const source: FetchedToken = {
    key: ['claim', client.id, party.name, scope ?? ''],
    client,
    ...(byPassword && party.insists === true ? { anew: true } : {}),
    async fetch() {
      const endpoint = await connection.endpoint('token_endpoint');
      const { claimScope, readToken } = connection.dialect.tokens;
      const asked = scope ?? claimScope;
      const own = typeof how === 'function' ? await how() : how;
      if (own !== undefined) source.staysSignedIn = true;
      const exchange =
        own === undefined
          ? await connection.exchange(
              buildPasswordGrant(endpoint, client, {
                username: party.name,
                password: await party.password(),
                scope: asked,
              }),
            )
          : await (await import('./sign-in.ts')).signIn(connection, client, asked, own);
      const what = `no claim token for ${party.name} and the client ${client.id}`;
      return readToken(exchange, what, connection.note);
    },
  };
  return source;
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

/** The resource server's side, where it is at hand: with it a dialect looks at what an answer left open. */
export interface SecondLook {
  /** Its PAT; undefined where there is none to be had. */
  source(): Promise<TokenSource | undefined>;
  /** Told when nobody could look, so that nobody knows whether the owner was asked or said no. */
  unsure?(why: UmaError | undefined): void;
}

/** One attempt to get an RPT. @throws UmaError as `readOutcome`: every answer that is no outcome; `not_owner_managed` of a second look. */
export async function requestRpt(
  connection: Connection,
  client: ClientCredentials,
  request: Omit<GrantRequest, 'response_mode'>,
  look?: SecondLook,
): Promise<Outcome> {
  // Only `response_mode` asks for a yes without an RPT.
  return (await attempt(connection, client, request, { look })).outcome as Outcome;
}

async function attempt(
  connection: Connection,
  client: ClientCredentials,
  request: GrantRequest,
  { look, prove }: Pick<RptAttempts, 'look' | 'prove'>,
): Promise<{ outcome: Outcome | Assessed; seen: boolean }> {
  const endpoint = await connection.endpoint('token_endpoint');
  const { grant } = connection.dialect;
  const exchange = await proven(connection, grant.build(endpoint, client, request), prove);
  const outcome = grant.read(exchange, request, connection.note);
  const { secondLook } = grant;
  const open = outcome.kind === 'request_submitted' || outcome.kind === 'request_denied';
  if (secondLook === undefined || look === undefined || !open) return { outcome, seen: false };
  try {
    const source = await look.source();
    if (source === undefined) {
      look.unsure?.(undefined);
      return { outcome, seen: false };
    }
    await connection.find('resource_owner_endpoint');
    const asServer: WithToken = (build) => sendWithToken(connection, source, build);
    return { outcome: await secondLook(outcome, request, connection.metadata, asServer), seen: true };
  } catch (error) {
    // What a look finds out is an error of its own; where the resource server may not look, the first answer stands.
    if (!(error instanceof UmaError) || error.code === 'not_owner_managed' || error.category === 'interrupted')
      throw error;
    look.unsure?.(error);
    return { outcome, seen: false };
  }
}

async function proven(
  connection: Connection,
  request: HttpRequest,
  prove: RptAttempts['prove'],
): Promise<HttpExchange> {
  if (prove === undefined) return connection.exchange(request);
  const withProof = async (nonce?: string) => ({
    ...request,
    headers: { ...request.headers, dpop: await prove(request, nonce) },
  });
  const exchange = await connection.exchange(await withProof());
  const { nonceAskedFor } = await import('./dpop.ts');
  const nonce = nonceAskedFor(exchange.response);
  // The server has looked at nothing else yet (RFC 9449 8).
  return nonce === undefined ? exchange : connection.exchange(await withProof(nonce));
}

/** More claims for the next token request: pushed, or gathered at the AS, which then gave the `ticket`. */
export type Gathered = Partial<ClaimToken> & { ticket?: string; code_verifier?: string };

export interface RptAttempts {
  /** Waiting for the owner; without it there is one attempt. */
  wait?: {
    /** In all, in seconds. */
    limit: number;
    sleep(seconds: number): Promise<void>;
    /** Told before each sleep: seconds until the next poll, and seconds waited so far. */
    onPending?(next: number, waited: number): void;
  };
  /** Asked on each `need_info`: what to send with the next ticket, or undefined when there is nothing more to be had. */
  gather?: ((need: NeedInfo) => Promise<Gathered | undefined>) | undefined;
  look?: SecondLook | undefined;
  /** The `DPoP` header of a token request, so that the RPT is bound to a key (RFC 9449 5). */
  prove?: ((request: HttpRequest, nonce?: string) => Promise<string>) | undefined;
}

/** Times that claims are gathered in one process, whatever a server thinks up. */
const ROUNDS = 6;

/**
 * Asks until the outcome is neither a `need_info` that `gather` has something for nor `request_submitted` while there is time: waits at
 * least `interval` between polls (GRANT-3.3.6-18) and sends the newest ticket, claims and scopes each time (GRANT-3.3.1-02). The last
 * outcome is returned: pending means that time was up.
 * @throws UmaError as {@link requestRpt}; `ticket_repeated` (peer) when a ticket of this process comes again (GRANT-5.5-04).
 */
export async function obtainRpt(
  connection: Connection,
  client: ClientCredentials,
  request: GrantRequest,
  attempts: RptAttempts = {},
): Promise<Outcome | Assessed> {
  const began = connection.now();
  const tickets = new Set<string | undefined>();
  const asked = new Set<string>();
  let rounds = 0;
  for (let next = request; ; ) {
    tickets.add(next.ticket);
    const { outcome, seen } = await attempt(connection, client, next, attempts);
    if (outcome.kind !== 'need_info' && outcome.kind !== 'request_submitted') return outcome;
    const { rotatesTickets, extensions } = connection.dialect.grant;
    if (rotatesTickets && tickets.has(outcome.ticket)) {
      throw new UmaError('peer', 'ticket_repeated', `${outcome.kind} came with a ticket that was used before`, {
        spec: 'UMA Grant 5.5',
        hint: 'start again with a new ticket from the resource server: uma ticket',
      });
    }
    // A verifier is for the one ticket that came back with its challenge.
    next = { ...next, ticket: outcome.ticket, code_verifier: undefined };
    if (outcome.kind === 'need_info') {
      const wanted = wantedBy(outcome);
      const again = wanted.filter((what) => asked.has(what));
      for (const what of wanted) asked.add(what);
      rounds += 1;
      const more = rounds > ROUNDS ? undefined : await attempts.gather?.(outcome);
      if (more === undefined) return again.length === 0 ? outcome : { ...outcome, asked_again: again };
      next = { ...next, ...more };
      continue;
    }
    const pause = Math.max(outcome.interval ?? DEFAULT_INTERVAL, SHORTEST_INTERVAL);
    const waited = connection.now() - began;
    if (attempts.wait === undefined || waited + pause > attempts.wait.limit) return outcome;
    attempts.wait.onPending?.(pause, waited);
    await attempts.wait.sleep(pause);
    // Asking once more would file a request again that the owner has denied meanwhile: where it can be seen, it is only looked at.
    if (seen && extensions.includes('submit_request')) next = { ...next, submit_request: false };
  }
}

/** What a `need_info` asks for, in words. */
const wantedBy = ({ required_claims, redirect_user }: NeedInfo): string[] =>
  required_claims.length > 0 ? required_claims.map(describeRequiredClaim) : [`a visit to ${redirect_user}`];
