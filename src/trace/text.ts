/** `-v` and `-vv`: exchanges as text, numbered by the step of UMA. Colour is not needed to read them. */
import { type HttpRequest, type HttpResponse, isObject } from '../protocol/http.ts';
import type { Seen } from './recorder.ts';
import type { TracedExchange } from './trace.ts';

/** `[2/5] POST /permission -> 201 (12 ms)  resource server -> AS http://127.0.0.1:9400, 3 permission ticket`: no query, no body. */
export function exchangeLine({ step, from, to, label, what, request, response, error, time }: TracedExchange): string {
  const { origin, pathname } = new URL(request.url);
  const end = response === undefined ? (error?.code ?? 'failed') : String(response.status);
  const labelled = [label, what].filter((part) => part !== '').join(' ');
  return `[${step}/5] ${request.method} ${pathname} -> ${end} (${Math.round(time)} ms)  ${from} -> ${to} ${origin}, ${labelled}`;
}

/** The line and, beneath it, both messages with headers and bodies; as they really were with `showSecrets`. */
export function exchangeBlock({ masked, request, response }: Seen, showSecrets: boolean): string {
  const sent = showSecrets ? request : masked.request;
  const came = showSecrets ? response : masked.response;
  const lines = [exchangeLine(masked), ...messageLines(requestLine(sent), sent, '> ')];
  if (came !== undefined) lines.push(...messageLines(`HTTP/1.1 ${came.status}`, came, '< '));
  if (masked.error !== undefined) lines.push(`! ${masked.error.message}`);
  for (const { place, header, payload } of masked.tokens)
    lines.push(`# ${place}, decoded: ${JSON.stringify(header)} ${JSON.stringify(payload)}`);
  return lines.join('\n');
}

const requestLine = ({ method, url }: HttpRequest) => {
  const { pathname, search } = new URL(url);
  return `${method} ${pathname}${decodedSearch(search)} HTTP/1.1\nhost: ${new URL(url).host}`;
};

/** The ellipsis of a mask, which a URL writes as three bytes. */
const decodedSearch = (search: string) => search.replaceAll('%E2%80%A6', '…');

function messageLines(
  start: string,
  { headers, body }: Pick<HttpRequest | HttpResponse, 'headers' | 'body'>,
  mark: string,
) {
  const fields = Object.entries(headers).flatMap(([name, value]) => value.split('\n').map((one) => `${name}: ${one}`));
  const content = body === undefined || body === '' ? [] : ['', ...prettyBody(body).split('\n')];
  return [...start.split('\n'), ...fields, ...content].map((line) => `${mark}${line}`.trimEnd());
}

/** JSON indented, anything else as it is. */
export function prettyBody(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) || Array.isArray(value) ? JSON.stringify(value, null, 2) : body;
  } catch {
    return body;
  }
}
