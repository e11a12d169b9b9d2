/**
 * The one HTTP port. `buildX` functions return an {@link HttpRequest}, a {@link Send} carries it, `readX` functions turn
 * the {@link HttpResponse} into a value or a typed error. Traces, dry runs and bad-answer tests hang on this seam.
 */
import { UmaError } from './errors.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; repeated fields joined with `, `, except `set-cookie`, which is joined with a line feed. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface HttpExchange {
  request: HttpRequest;
  response: HttpResponse;
}

/**
 * Carries one request. Follows no redirect, repeats nothing, limits the answer in size and time.
 * @throws UmaError of category `network` when no complete answer came.
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** `application/x-www-form-urlencoded` body of the members that are present; an array repeats its name. */
export function formBody(members: Record<string, string | readonly string[] | undefined>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    if (typeof value === 'string') form.append(name, value);
    else for (const item of value) form.append(name, item);
  }
  return form.toString();
}

/** A form POST. `accept` is always JSON: every UMA answer is. */
export function formPost(
  url: string,
  members: Record<string, string | readonly string[] | undefined>,
  headers: Record<string, string> = {},
): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: formBody(members),
  };
}

/** A request with a JSON body, or without one when `value` is undefined. */
export function jsonRequest(
  method: HttpRequest['method'],
  url: string,
  value?: unknown,
  headers: Record<string, string> = {},
): HttpRequest {
  if (value === undefined) return { method, url, headers: { accept: 'application/json', ...headers } };
  return {
    method,
    url,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** A client and how it proves itself at the AS. `none` is a public client: only its `client_id` is sent. */
export interface ClientCredentials {
  id: string;
  secret?: string | undefined;
  method: 'client_secret_basic' | 'client_secret_post' | 'none';
}

/** The header and form members that authenticate `client` (RFC 6749 2.3.1: id and secret are form-encoded before Basic). */
export function clientAuthentication(client: ClientCredentials): {
  headers: Record<string, string>;
  members: Record<string, string | undefined>;
} {
  if (client.method === 'client_secret_basic') {
    const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
    const pair = `${encode(client.id)}:${encode(client.secret ?? '')}`;
    return { headers: { authorization: `Basic ${base64(pair)}` }, members: {} };
  }
  return {
    headers: {},
    members: { client_id: client.id, client_secret: client.method === 'none' ? undefined : (client.secret ?? '') },
  };
}

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/**
 * The JSON object in an answer.
 * @throws UmaError `not_json` (category `peer`) naming the status and the start of what came instead.
 */
export function jsonObject(exchange: HttpExchange): Record<string, unknown> {
  const value = jsonValue(exchange);
  if (isObject(value)) return value;
  throw notJson(exchange, 'an answer that is no JSON object');
}

/** The JSON value in an answer; same error as {@link jsonObject}. */
export function jsonValue(exchange: HttpExchange): unknown {
  try {
    return JSON.parse(exchange.response.body) as unknown;
  } catch {
    throw notJson(exchange, exchange.response.body === '' ? 'an empty body' : 'a body that is not JSON');
  }
}

function notJson(exchange: HttpExchange, what: string): UmaError {
  const { status, headers } = exchange.response;
  return new UmaError('peer', 'not_json', `${address(exchange)} answered ${status} with ${what}`, {
    hint: `check that this address is an authorization server's endpoint (content type ${headers['content-type'] ?? 'absent'})`,
    status,
    exchange,
  });
}

/** `POST https://as.example/token`: the address of a request without its query, which can hold secrets. */
export function address(exchange: HttpExchange): string {
  return `${exchange.request.method} ${exchange.request.url.split('?')[0]}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

const HINT_CLIENT = "check the client's id and secret";
const HINT_REDIRECT = 'no credential follows a redirect: give the address that answers itself';
const NOT_ACCEPTED = new Set(['invalid_client', 'invalid_token', 'unauthorized_client']);

/**
 * The error that a non-2xx answer stands for: the peer's own `error` and `error_description`, read tolerantly.
 * Status 401 and the errors that turn a client or token away are category `authentication`; 5xx and a redirect,
 * which is never followed, `peer`; the rest `refused`.
 */
export function refusal(
  exchange: HttpExchange,
  what: string,
  details: { hint?: string; spec?: string } = {},
): UmaError {
  const { status, body, headers } = exchange.response;
  let wire: { error: string; error_description?: string } | undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (isObject(parsed) && typeof parsed.error === 'string') {
      wire = { error: parsed.error };
      if (typeof parsed.error_description === 'string') wire.error_description = parsed.error_description;
    }
  } catch {
    // Not JSON: the challenge or the bare status has to do.
  }
  const challenged = /\berror="?([a-z_]+)/.exec(headers['www-authenticate'] ?? '')?.[1];
  if (wire === undefined && challenged !== undefined) wire = { error: challenged };
  const authentication = status === 401 || NOT_ACCEPTED.has(wire?.error ?? '');
  const redirect = status >= 300 && status < 400;
  // RFC 6749 5.2: 401 is for client authentication; Keycloak says it by another code.
  const ofClient = wire?.error === 'invalid_client' || (status === 401 && wire?.error === 'unauthorized_client');
  const category = authentication ? 'authentication' : status >= 500 || redirect ? 'peer' : 'refused';
  const to = redirect && headers.location !== undefined ? `, a redirect to ${headers.location.split(/[?#]/)[0]}` : '';
  const why = `${wire === undefined ? `status ${status}` : `${status} ${wire.error}`}${to}`;
  const said = wire?.error_description === undefined ? '' : `: ${wire.error_description}`;
  return new UmaError(
    category,
    wire?.error ?? `http_${status}`,
    `${what}: ${address(exchange)} answered ${why}${said}`,
    {
      ...details,
      hint: details.hint ?? (redirect ? HINT_REDIRECT : ofClient ? HINT_CLIENT : undefined),
      status,
      wire,
      exchange,
    },
  );
}
