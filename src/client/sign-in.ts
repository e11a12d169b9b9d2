/**
 * A person signs in at the authorization server itself: in a browser (authorization code with PKCE and a loopback redirect,
 * RFC 8252), or on another device (RFC 8628). No password passes through this program.
 */
import * as oauth from 'oauth4webapi';
import { UmaError } from '../protocol/errors.ts';
import {
  address,
  type ClientCredentials,
  clientAuthentication,
  formPost,
  type HttpExchange,
  jsonObject,
  refusal,
} from '../protocol/http.ts';
import type { Connection } from './connection.ts';

/** Where the browser comes back to: one request to a loopback address of our own. */
export interface ReturnAddress {
  redirect_uri: string;
  /** The address that the browser asked for, with its query. */
  arrival: Promise<URL>;
  close(): Promise<void>;
}

export interface SignIn {
  grant: 'browser' | 'device';
  /** Who is expected: the page may fill in the name, and with `again` asks also where a session is open. */
  person?: { name: string; again?: boolean };
  listen(): Promise<ReturnAddress>;
  /** Tells the person where to go; `code` is what the page of another device asks for. */
  show(place: { url: string; code?: string }): void;
  sleep(seconds: number): Promise<void>;
}

const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628 3.2 and 3.5: seconds between polls, and what `slow_down` adds. */
const POLL_INTERVAL = 5;
const SLOW_DOWN = 5;

/**
 * The token endpoint's answer after a sign-in, to be read as any other.
 * @throws UmaError `authentication` when the person says no or is too late; `peer` when the answer is not for this request
 *   (SEC-9700-03, SEC-9207-02); `config` where the server has not the endpoint.
 */
export function signIn(
  connection: Connection,
  client: ClientCredentials,
  scope: string | undefined,
  how: SignIn,
): Promise<HttpExchange> {
  return how.grant === 'browser' ? byBrowser(connection, client, scope, how) : byDevice(connection, client, scope, how);
}

async function byBrowser(
  connection: Connection,
  client: ClientCredentials,
  scope: string | undefined,
  { listen, show, person }: SignIn,
): Promise<HttpExchange> {
  const endpoint = new URL(await connection.endpoint('authorization_endpoint'));
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const back = await listen();
  try {
    const { redirect_uri } = back;
    const query = {
      response_type: 'code',
      client_id: client.id,
      redirect_uri,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(scope === undefined ? {} : { scope }),
      // OpenID Connect Core 3.1.2.1; other servers ignore what they do not know (RFC 6749 3.1).
      ...(person === undefined ? {} : { login_hint: person.name }),
      ...(person?.again === true ? { prompt: 'login' } : {}),
    };
    for (const [name, value] of Object.entries(query)) endpoint.searchParams.set(name, value);
    show({ url: endpoint.href });
    const code = codeIn(connection, client, await back.arrival, state);
    const { headers, members } = clientAuthentication(client);
    const grant = { ...members, grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
    return await connection.exchange(formPost(await connection.endpoint('token_endpoint'), grant, headers));
  } finally {
    await back.close();
  }
}

/** The code in the address that the browser came back to, if that is an answer to our request from this server. */
function codeIn({ issuer, metadata }: Connection, client: ClientCredentials, arrival: URL, state: string): string {
  const { authorization_response_iss_parameter_supported: hasIss } = metadata;
  const server = { issuer, ...(hasIss === true ? { authorization_response_iss_parameter_supported: true } : {}) };
  try {
    const parameters = oauth.validateAuthResponse(server, { client_id: client.id }, arrival, state);
    return parameters.get('code') ?? '';
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      const { error: code, error_description: description } = error;
      const said = description === undefined ? '' : `: ${description}`;
      throw new UmaError('authentication', code, `the sign-in ended with ${code}${said}`, {
        spec: 'RFC 6749 4.1.2.1',
        hint: 'again, and agree on the page of the authorization server',
      });
    }
    throw new UmaError(
      'peer',
      'foreign_authorization_response',
      'the browser came back with an answer to another request',
      {
        spec: 'RFC 9700 4.4, RFC 9207 2.4',
        hint: 'start the sign-in again, and finish it in the window that opens',
        cause: error,
      },
    );
  }
}

async function byDevice(
  connection: Connection,
  client: ClientCredentials,
  scope: string | undefined,
  { show, sleep }: SignIn,
): Promise<HttpExchange> {
  const endpoint = await connection.endpoint('device_authorization_endpoint');
  const { headers, members } = clientAuthentication(client);
  const exchange = await connection.exchange(formPost(endpoint, { ...members, client_id: client.id, scope }, headers));
  if (exchange.response.status >= 300) throw refusal(exchange, 'no device code', { spec: 'RFC 8628 3.2' });
  const answer = jsonObject(exchange);
  const { device_code, user_code, verification_uri } = answer;
  if (typeof device_code !== 'string' || typeof user_code !== 'string' || typeof verification_uri !== 'string') {
    throw new UmaError('peer', 'invalid_device_answer', `${address(exchange)} lacks a member of RFC 8628 3.2`, {
      spec: 'RFC 8628 3.2',
      exchange,
    });
  }
  show({ url: verification_uri, code: user_code });
  const token = await connection.endpoint('token_endpoint');
  const poll = formPost(
    token,
    { ...members, client_id: client.id, grant_type: DEVICE_CODE_GRANT, device_code },
    headers,
  );
  let interval = typeof answer.interval === 'number' ? Math.max(answer.interval, 1) : POLL_INTERVAL;
  for (;;) {
    await sleep(interval);
    const polled = await connection.exchange(poll);
    const error = polled.response.status === 200 ? undefined : jsonObject(polled).error;
    if (error === 'slow_down') interval += SLOW_DOWN;
    else if (error === 'access_denied' || error === 'expired_token') {
      const why = error === 'access_denied' ? 'the person said no' : 'nobody signed in before the code ended';
      throw new UmaError('authentication', error, `the sign-in ended with ${error}: ${why}`, { spec: 'RFC 8628 3.5' });
    } else if (error !== 'authorization_pending') return polled;
  }
}
