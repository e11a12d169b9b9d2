/** Tokens that a role fetches for itself (PAT, claim token, owner token): once per issuer, client and person, kept until they end. */

import { UmaError } from '../protocol/errors.ts';
import { type HttpExchange, type HttpRequest, isObject } from '../protocol/http.ts';
import { decodeToken } from '../protocol/rpt.ts';
import type { TokenAnswer } from '../protocol/token.ts';
import type { Connection } from './connection.ts';

/** The port that keeps tokens between runs; the caller's keys say whose they are. */
export interface TokenCache {
  /** The value put there, or undefined when absent or about to end (30 s before). */
  get(key: readonly string[]): Promise<unknown>;
  /** `expires_at` in seconds since the epoch. */
  put(key: readonly string[], item: { value: unknown; expires_at: number }): Promise<void>;
  forget(key: readonly string[]): Promise<void>;
}

/** Where a token comes from: given by the caller, or fetched and then cached under `key`. */
export type TokenSource = { given: string } | FetchedToken;

export interface FetchedToken {
  /** Purpose, client, person and scope; the issuer is added. */
  key: readonly string[];
  /** @throws UmaError the refusal. */
  fetch(): Promise<TokenAnswer>;
}

/** Fetches under way, so that concurrent needs make one request. */
const underWay = new WeakMap<Connection, Map<string, Promise<TokenAnswer>>>();

/** The token's answer, and whether it is one kept from before. @throws UmaError what `fetch` throws. */
export async function obtain(
  connection: Connection,
  source: FetchedToken,
): Promise<{ answer: TokenAnswer; kept: boolean }> {
  const answer = await cached(connection, source);
  return answer === undefined ? { answer: await renew(connection, source), kept: false } : { answer, kept: true };
}

/** Fetches a new token and keeps it in place of the old one. Concurrent calls share one fetch. @throws UmaError what `fetch` throws. */
export function renew(connection: Connection, source: FetchedToken): Promise<TokenAnswer> {
  const fetches = underWay.get(connection) ?? new Map<string, Promise<TokenAnswer>>();
  underWay.set(connection, fetches);
  const id = JSON.stringify(source.key);
  const running = fetches.get(id);
  if (running !== undefined) return running;
  const fetching = fetchAndKeep(connection, source).finally(() => fetches.delete(id));
  fetches.set(id, fetching);
  return fetching;
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
    throw signInError(error);
  });
  const expires_at = endOf(answer, asked);
  if (expires_at !== undefined) await connection.cache?.put(keyOf(connection, source), { value: answer, expires_at });
  return answer;
}

/** `invalid_grant` to a sign-in is a wrong name or password (RFC 6749 5.2): the person was not accepted. */
function signInError(error: unknown): unknown {
  if (!(error instanceof UmaError) || error.code !== 'invalid_grant') return error;
  const { message, code, spec, status, wire, exchange } = error;
  const hint = 'check the name and the password; a profile keeps them, flags and environment variables go before it';
  return new UmaError('authentication', code, message, { hint: error.hint ?? hint, spec, status, wire, exchange });
}

const keyOf = (connection: Connection, source: FetchedToken): string[] => [
  source.key[0] ?? '',
  connection.issuer,
  ...source.key.slice(1),
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
