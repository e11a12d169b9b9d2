/** Evidence without secrets: the first characters of a token stay, so that two values can still be told apart. */
import type { Exchange, RawRequest, RawResponse } from './http.ts';

/** Members that hold a credential or a token, in forms, queries and JSON alike. */
const TOKENS =
  'access_token|refresh_token|id_token|claim_token|ticket|rpt|pct|pat|token|code|code_verifier|device_code|client_assertion|request_uri|registration_access_token|subject_token|assertion';
const HIDDEN = 'client_secret|password|user_code|csrf|_csrf|_csrf_token|csrf_token|xsrf';

const JSON_MEMBER = new RegExp(`("(?:${TOKENS})"\\s*:\\s*")((?:[^"\\\\]|\\\\.)*)(")`, 'g');
const JSON_HIDDEN = new RegExp(`("(?:${HIDDEN})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*(")`, 'g');
const FORM_MEMBER = new RegExp(`((?:^|[?&#\\s"'])(?:${TOKENS})=)([^&\\s"'#]*)`, 'g');
const FORM_HIDDEN = new RegExp(`((?:^|[?&#\\s"'])(?:${HIDDEN})=)[^&\\s"'#]*`, 'g');
const INPUT_VALUE = /(<input\b[^>]*\bvalue=")([^"]*)(")/gi;

/** `abc123… (43 characters)`; short values keep nothing. */
export function maskValue(value: string): string {
  return value.length < 12 ? '***' : `${value.slice(0, 6)}…(${value.length})`;
}

export function maskText(text: string): string {
  return text
    .replace(JSON_HIDDEN, '$1***$2')
    .replace(JSON_MEMBER, (_all, before: string, value: string, after: string) => before + maskValue(value) + after)
    .replace(FORM_HIDDEN, '$1***')
    .replace(FORM_MEMBER, (_all, before: string, value: string) => before + maskValue(value));
}

function maskHeader(name: string, value: string): string {
  if (name === 'authorization' || name === 'proxy-authorization') {
    const [scheme = '', credentials = ''] = value.split(' ');
    return scheme.toLowerCase() === 'basic' ? `${scheme} ***` : `${scheme} ${maskValue(credentials)}`;
  }
  if (name === 'dpop') return maskValue(value);
  if (name === 'cookie' || name === 'set-cookie') return value.replace(/=([^;,]*)/, '=***');
  return maskText(value);
}

function maskHeaders<T extends string | readonly string[]>(headers: Record<string, T>): Record<string, T> {
  const one = (name: string, value: string) => maskHeader(name.toLowerCase(), value);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? one(name, value) : (value as readonly string[]).map((item) => one(name, item)),
    ]),
  ) as Record<string, T>;
}

/** Long bodies (login pages) are cut: what matters of them is said in the finding. */
const BODY_SHOWN = 4096;
const cut = (text: string) =>
  text.length <= BODY_SHOWN ? text : `${text.slice(0, BODY_SHOWN)}… (${text.length} characters)`;

export function maskExchange({ request, response }: Exchange): Exchange {
  const maskedRequest: RawRequest = { method: request.method, url: maskText(request.url) };
  if (request.headers !== undefined) maskedRequest.headers = maskHeaders(request.headers);
  if (request.body !== undefined) maskedRequest.body = cut(maskText(request.body));
  const maskedResponse: RawResponse = {
    status: response.status,
    headers: maskHeaders(response.headers),
    cookies: response.cookies.map((cookie) => maskHeader('set-cookie', cookie)),
    body: cut(maskText(response.body).replace(INPUT_VALUE, '$1***$3')),
  };
  return { request: maskedRequest, response: maskedResponse };
}
