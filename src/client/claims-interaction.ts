/**
 * Interactive claims gathering as the client sees it (UMA Grant 3.3.2, 3.3.3, 5.1): the requesting party goes to the AS's claims
 * interaction endpoint and comes back with a new ticket, which is good for this process at this AS only.
 */
import * as oauth from 'oauth4webapi';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials } from '../protocol/http.ts';
import { isLoopback, TICKET_PKCE_PROFILE } from '../protocol/metadata.ts';
import type { NeedInfo } from '../protocol/outcome.ts';
import type { Connection } from './connection.ts';

/** How a person is sent there. */
export interface Interaction {
  /** One of the claims redirect URIs that the client has registered at the AS, character for character (UMA Grant 3.3.2). */
  redirect_uri: string;
  /** Sends the requesting party to `url`; the address that her browser was sent back to. */
  visit(url: string): Promise<URL>;
}

/** What the visit brought, for the next token request. */
export interface InteractionResult {
  ticket: string;
  /** Of the ticket's code challenge (ATK-09); only where the AS has that extension. */
  code_verifier?: string;
}

/** Where the requesting party can give claims: `redirect_user` of this answer, else what the AS publishes (GRANT-2-05). */
export async function claimsAddress(connection: Connection, need: NeedInfo): Promise<string | undefined> {
  return need.redirect_user ?? (await connection.find('claims_interaction_endpoint'));
}

/**
 * Sends the requesting party to `address` with the ticket of `need`, and checks the answer that she comes back with.
 * @throws UmaError `invalid_redirect_uri` (usage); `unsafe_redirect_user` (peer): the address is neither https nor loopback; `access_denied`
 *   and the like (authentication): the AS sent her back with an error, and the ticket is spent (GRANT-3.3.3-10);
 *   `foreign_claims_response` (peer): the answer is not for this request (GRANT-5.1-05, SEC-9207-02).
 */
export async function interact(
  connection: Connection,
  client: ClientCredentials,
  address: string,
  ticket: string,
  { redirect_uri, visit }: Interaction,
): Promise<InteractionResult> {
  checkRedirectUri(redirect_uri);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(address)))) {
    throw new UmaError('peer', 'unsafe_redirect_user', `nobody is sent to ${address}: it is no https address`, {
      spec: 'UMA Grant 3.3.6',
    });
  }
  const state = oauth.generateRandomState();
  const verifier = connection.metadata.uma_profiles_supported?.includes(TICKET_PKCE_PROFILE)
    ? oauth.generateRandomCodeVerifier()
    : undefined;
  const query = {
    client_id: client.id,
    ticket,
    claims_redirect_uri: redirect_uri,
    state,
    ...(verifier === undefined
      ? {}
      : { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }),
  };
  // What the AS has put into the query stays (GRANT-3.3.2-13).
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const fresh = ticketIn(connection, await visit(url.href), { redirect_uri, state, ticket });
  return verifier === undefined ? { ticket: fresh } : { ticket: fresh, code_verifier: verifier };
}

function checkRedirectUri(redirect_uri: string): void {
  if (URL.canParse(redirect_uri) && !redirect_uri.includes('#')) return;
  throw new UmaError('usage', 'invalid_redirect_uri', 'the claims redirect URI is not absolute, or has a fragment', {
    spec: 'UMA Grant 3.3.2',
    hint: '--claims-redirect-uri, as the client has registered it at the authorization server',
  });
}

/** Unknown parameters are ignored (GRANT-3.3.3-06); those that count stand there once. */
function ticketIn(
  { issuer, metadata }: Connection,
  arrival: URL,
  sent: { redirect_uri: string; state: string; ticket: string },
): string {
  const foreign = (why: string) =>
    new UmaError('peer', 'foreign_claims_response', `the browser came back with an answer that is not used: ${why}`, {
      spec: 'UMA Grant 5.1, RFC 9207 2.4',
      hint: 'start again, and finish it in the window that opens',
    });
  const { origin, pathname } = new URL(sent.redirect_uri);
  if (arrival.origin !== origin || arrival.pathname !== pathname) throw foreign('it is for another address');
  const query = arrival.searchParams;
  for (const name of ['state', 'ticket', 'iss', 'error'])
    if (query.getAll(name).length > 1) throw foreign(`"${name}" stands there twice`);
  if (query.get('state') !== sent.state) throw foreign('its state is not the one that was sent');
  const iss = query.get('iss');
  const promised = metadata.authorization_response_iss_parameter_supported === true;
  if (iss === null ? promised : iss !== issuer) throw foreign(`its issuer is ${iss ?? 'missing'}, not ${issuer}`);
  const error = query.get('error');
  if (error !== null) {
    const description = query.get('error_description');
    throw new UmaError(
      'authentication',
      error,
      `claims were not given: ${error}${description === null ? '' : `: ${description}`}`,
      { spec: 'UMA Grant 3.3.3', hint: 'the ticket is spent: ask the resource server again' },
    );
  }
  const ticket = query.get('ticket');
  if (ticket === null || ticket === '') throw foreign('it holds no ticket');
  if (ticket === sent.ticket) throw foreign('its ticket is the one that was sent');
  return ticket;
}
