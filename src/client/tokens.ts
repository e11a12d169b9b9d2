/** Tokens that a role fetches for itself (PAT, claim token, owner token): once per issuer, client and person, kept until they end. */

import { UmaError } from '../protocol/errors.ts';
import { type ClientCredentials, type HttpExchange, type HttpRequest, isObject } from '../protocol/http.ts';
import { decodeToken } from '../protocol/rpt.ts';
import { buildRefreshGrant, type TokenAnswer } from '../protocol/token.ts';
import type { Connection } from './connection.ts';

/** The port that keeps tokens between runs; the caller's keys say whose they are. */
export interface TokenCache {
  /** The value put there, or undefined when absent or about to end (30 s before). */
  get(key: readonly string[]): Promise<unknown>;
  /** `expires_at` in seconds since the epoch. */
  put(key: readonly string[], item: { value: unknown; expires_at: number }): Promise<void>;
  forget(key: readonly string[]): Promise<void>;
  /** Runs `act` while no other process does so for this key: a refresh token that rotates is used once. Without it there is one process. */
  alone?<T>(key: readonly string[], act: () => Promise<T>): Promise<T>;
}

/** Where a token comes from: given by the caller, or fetched and then cached under `key`. */
export type TokenSource = { given: string } | FetchedToken;

export interface FetchedToken {
  /** Purpose, client, person and scope; the issuer is added. */
  key: readonly string[];
  /** Whose it is: its refresh token is of use to nobody else. */
  client?: ClientCredentials;
  /** The person has signed in for good (`uma login`, a browser, another device): the refresh token is kept. */
  staysSignedIn?: boolean;
  /** A password was given with the call, so that it is tried: no token from before stands in for it. */
  anew?: boolean;
  /** @throws UmaError the refusal. */
  fetch(): Promise<TokenAnswer>;
}

/** Sources whose password has been tried. */
const tried = new WeakSet<FetchedToken>();
/** Seconds for which a refresh token is kept whose end the server does not tell. */
const REFRESH_KEPT = 365 * 86_400;

/** Fetches under way, so that concurrent needs make one request. */
const underWay = new WeakMap<Connection, Map<string, Promise<TokenAnswer>>>();

/** The token's answer, and whether it is one kept from before. @throws UmaError what `fetch` throws, `sign_in_ended`. */
export async function obtain(
  connection: Connection,
  source: FetchedToken,
): Promise<{ answer: TokenAnswer; kept: boolean }> {
  if (source.anew === true && !tried.has(source)) {
    tried.add(source);
    return { answer: await fetchToken(connection, source), kept: false };
  }
  const answer = await cached(connection, source);
  return answer === undefined ? { answer: await renew(connection, source), kept: false } : { answer, kept: true };
}

/**
 * A new token in place of the kept one: by the refresh token of a sign-in, else fetched. Concurrent calls share one.
 * @throws UmaError what `fetch` throws; `sign_in_ended` (authentication).
 */
export function renew(connection: Connection, source: FetchedToken): Promise<TokenAnswer> {
  return once(connection, source, async () => {
    const answer = await refreshed(connection, source);
    return answer ?? fetchAndKeep(connection, source);
  });
}

/** Fetches a new token whatever is kept, and keeps it. Concurrent calls share one. @throws UmaError what `fetch` throws. */
export function fetchToken(connection: Connection, source: FetchedToken): Promise<TokenAnswer> {
  return once(connection, source, () => fetchAndKeep(connection, source));
}

function once(connection: Connection, source: FetchedToken, get: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
  const fetches = underWay.get(connection) ?? new Map<string, Promise<TokenAnswer>>();
  underWay.set(connection, fetches);
  const id = JSON.stringify(source.key);
  const running = fetches.get(id);
  if (running !== undefined) return running;
  const getting = get().finally(() => fetches.delete(id));
  fetches.set(id, getting);
  return getting;
}

/**
 * Sends what `build` makes with the token. A cached token that the server refuses is dropped, and the request made once more with a new one.
 * @throws UmaError what `fetch` throws, or `network`.
 */
export async function sendWithToken(
  connection: Connection,
  source: TokenSource,
  build: (token: string) => HttpRequest,
): Promise<HttpExchange> {
  if ('given' in source) return connection.exchange(build(source.given));
  const { answer, kept } = await obtain(connection, source);
  const exchange = await connection.exchange(build(answer.access_token));
  if (!kept || !connection.dialect.tokens.tokenRefused(exchange)) return exchange;
  await connection.cache?.forget(keyOf(connection, source));
  return connection.exchange(build((await renew(connection, source)).access_token));
}

async function cached(connection: Connection, source: FetchedToken): Promise<TokenAnswer | undefined> {
  const value = await connection.cache?.get(keyOf(connection, source));
  return isObject(value) && typeof value.access_token === 'string' ? (value as TokenAnswer) : undefined;
}

async function fetchAndKeep(connection: Connection, source: FetchedToken): Promise<TokenAnswer> {
  const asked = connection.now();
  const answer = await source.fetch().catch((error: unknown) => {
    throw signInError(error, source);
  });
  await keep(connection, source, answer, asked);
  return answer;
}

async function keep(connection: Connection, source: FetchedToken, answer: TokenAnswer, asked: number): Promise<void> {
  const { refresh_token, ...value } = answer;
  const expires_at = endOf(answer, asked);
  if (expires_at !== undefined) await connection.cache?.put(keyOf(connection, source), { value, expires_at });
  if (refresh_token === undefined || source.staysSignedIn !== true) return;
  // Keycloak says how long it lives, with 0 for ever; RFC 6749 has no member for it.
  const { refresh_expires_in: said } = answer;
  const life = typeof said === 'number' && said > 0 ? said : REFRESH_KEPT;
  await connection.cache?.put(refreshKeyOf(connection, source), {
    value: { refresh_token },
    expires_at: asked + life,
  });
}

/** Undefined where nobody has signed in. @throws UmaError `sign_in_ended` (authentication) when the server takes the refresh token no more. */
async function refreshed(connection: Connection, source: FetchedToken): Promise<TokenAnswer | undefined> {
  const { cache } = connection;
  const { client } = source;
  if (cache === undefined || client === undefined) return undefined;
  const key = refreshKeyOf(connection, source);
  if ((await cache.get(key)) === undefined) return undefined;
  const alone = cache.alone ?? (<T>(_key: readonly string[], act: () => Promise<T>) => act());
  return alone(key, async () => {
    // Another process may have been quicker.
    const theirs = await cached(connection, source);
    const kept = await cache.get(key);
    if (theirs !== undefined || !isObject(kept)) return theirs;
    const asked = connection.now();
    const endpoint = await connection.endpoint('token_endpoint');
    const exchange = await connection.exchange(buildRefreshGrant(endpoint, client, String(kept.refresh_token)));
    try {
      const answer = connection.dialect.tokens.readToken(exchange, 'no new token', connection.note);
      // RFC 6749 6: the old one goes on where the server sends no other.
      await keep(connection, { ...source, staysSignedIn: true }, { ...kept, ...answer }, asked);
      return answer;
    } catch (error) {
      if (!(error instanceof UmaError) || error.code !== 'invalid_grant') throw error;
      await cache.forget(key);
      throw signInEnded(connection, source, error);
    }
  });
}

function signInEnded({ issuer }: Connection, source: FetchedToken, { status, exchange, message }: UmaError): UmaError {
  const what = `the sign-in of ${source.key[2]} at ${issuer} has ended: ${message}`;
  const hint = `sign in again: ${loginLine(source)}`;
  return new UmaError('authentication', 'sign_in_ended', what, { hint, spec: 'RFC 6749 6', status, exchange });
}

/** Answers to a password that mean that this server or client takes none. */
const NO_PASSWORDS = ['unsupported_grant_type', 'unauthorized_client'];

/** `invalid_grant` to a sign-in is a wrong name or password (RFC 6749 5.2): the person was not accepted. */
function signInError(error: unknown, source: FetchedToken): unknown {
  if (!(error instanceof UmaError)) return error;
  const { message, category, code, spec, status, wire, exchange } = error;
  const others = { spec, status, wire, exchange };
  // 401 is about the client's secret (RFC 6749 5.2).
  if (NO_PASSWORDS.includes(code) && status !== 401 && source.key[2] !== '' && source.staysSignedIn !== true) {
    const hint = `sign in at the server itself: ${loginLine(source)}`;
    return new UmaError(category, code, message, { hint, ...others });
  }
  if (code !== 'invalid_grant') return error;
  const hint = 'check the name and the password; a profile keeps them, flags and environment variables go before it';
  return new UmaError('authentication', code, message, { hint: error.hint ?? hint, ...others });
}

/** `uma login --owner alice` */
function loginLine({ key: [purpose, , person = ''] }: FetchedToken): string {
  return `uma login --${purpose === 'claim' ? 'party' : 'owner'} ${person}`;
}

const keyOf = (connection: Connection, { key: [purpose = '', ...whose] }: FetchedToken): string[] => [
  purpose,
  connection.issuer,
  ...whose,
];

/** The refresh token of a sign-in stands apart: it outlives the tokens that it renews. */
const refreshKeyOf = (connection: Connection, { key: [purpose = '', ...whose] }: FetchedToken): string[] => [
  `refresh:${purpose}`,
  connection.issuer,
  ...whose,
];

/** The earlier end of access token and ID token; undefined (not to be kept) when the server says nothing. */
function endOf(answer: TokenAnswer, asked: number): number | undefined {
  const idToken = answer.id_token === undefined ? undefined : decodeToken(answer.id_token)?.payload.exp;
  const ends = [
    ...(answer.expires_in === undefined ? [] : [asked + answer.expires_in]),
    ...(typeof idToken === 'number' ? [idToken] : []),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends);
}
