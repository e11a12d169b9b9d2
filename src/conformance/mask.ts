/** Evidence without secrets: the first characters of a token stay, so that two values can still be told apart. */
import { isChosenByPeople, type Mask, maskHeader, maskText as maskTextWith } from '../protocol/secrets.ts';
import type { Exchange, RawRequest, RawResponse } from './http.ts';

/** `abc123… (43 characters)`; short values keep nothing. */
function maskValue(value: string): string {
  return value.length < 12 ? '***' : `${value.slice(0, 6)}…(${value.length})`;
}

const hide: Mask = (value, name) => (isChosenByPeople(name) ? '***' : maskValue(value));

/** What is JSON stays as it was written: its form is evidence, too. */
export const maskText = (text: string): string => maskTextWith(text, hide);

function maskHeaders<T extends string | readonly string[]>(headers: Record<string, T>): Record<string, T> {
  const one = (name: string, value: string) => maskHeader(name.toLowerCase(), value, hide);
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
    cookies: response.cookies.map((cookie) => maskHeader('set-cookie', cookie, hide)),
    body: cut(maskText(response.body)),
  };
  return { request: maskedRequest, response: maskedResponse };
}
