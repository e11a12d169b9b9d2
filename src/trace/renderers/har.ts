/** HTTP Archive 1.2, which the network panel of browsers opens. What is UMA's stands in members that begin with `_`, as HAR asks. */
import { startOf, type Trace, type TracedExchange } from '../trace.ts';
import type { Renderer } from './index.ts';

export const har: Renderer = {
  name: 'har',
  about: 'for the network panel of browsers',
  render: (trace) => `${JSON.stringify({ log: logOf(trace) }, null, 2)}\n`,
};

const HTTP = 'HTTP/1.1';
const UNKNOWN = -1;

function logOf({ title, entries }: Trace): object {
  const exchanges = entries.filter((entry) => entry.kind === 'exchange');
  const sections = [...new Set(exchanges.map(({ section }) => section.title))];
  return {
    version: '1.2',
    creator: { name: 'uma', version: '1' },
    comment: title,
    pages: sections.map((section, at) => ({
      startedDateTime: startOf(exchanges.find((entry) => entry.section.title === section)!),
      id: `page_${at + 1}`,
      title: section,
      pageTimings: {},
    })),
    entries: exchanges.map((entry) => ({
      pageref: `page_${sections.indexOf(entry.section.title) + 1}`,
      startedDateTime: startOf(entry),
      time: entry.time,
      request: requestOf(entry),
      response: responseOf(entry),
      cache: {},
      timings: { send: 0, wait: entry.time, receive: 0 },
      _from: entry.from,
      _to: entry.to,
      _what: entry.what,
      _label: entry.label,
      _answerLabel: entry.answerLabel,
      _step: entry.step,
      ...(entry.tokens.length === 0 ? {} : { _tokens: entry.tokens }),
    })),
  };
}

const pairs = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers).flatMap(([name, value]) =>
    (name === 'set-cookie' ? value.split('\n') : [value]).map((one) => ({ name, value: one })),
  );

function requestOf({ request: { method, url, headers, body } }: TracedExchange): object {
  const mimeType = headers['content-type'] ?? '';
  const isForm = mimeType.startsWith('application/x-www-form-urlencoded');
  const params = isForm ? [...new URLSearchParams(body)].map(([name, value]) => ({ name, value })) : undefined;
  return {
    method,
    url: asUri(url),
    httpVersion: HTTP,
    cookies: cookiesIn(headers.cookie, /;\s*/),
    headers: pairs(headers),
    queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value })),
    ...(body === undefined ? {} : { postData: { mimeType, text: body, ...(params === undefined ? {} : { params }) } }),
    headersSize: UNKNOWN,
    bodySize: body === undefined ? 0 : size(body),
  };
}

/** An exchange without an answer has status 0, as browsers write it. */
function responseOf({ response, error }: TracedExchange): object {
  const { status = 0, headers = {}, body = '' } = response ?? {};
  return {
    status,
    statusText: '',
    httpVersion: HTTP,
    cookies: cookiesIn(headers['set-cookie'], /\n/),
    headers: pairs(headers),
    content: { size: size(body), mimeType: headers['content-type'] ?? 'x-unknown', text: body },
    redirectURL: headers.location ?? '',
    headersSize: UNKNOWN,
    bodySize: response === undefined ? UNKNOWN : size(body),
    ...(error === undefined ? {} : { _error: error.message }),
  };
}

function cookiesIn(value: string | undefined, separator: RegExp): object[] {
  if (value === undefined || value === '') return [];
  return value.split(separator).map((cookie) => {
    const [name = '', rest = ''] = cookie.split(/=(.*)/s);
    return { name: name.trim(), value: rest.split(';')[0] ?? '' };
  });
}

/** Bytes of UTF-8. */
const size = (text: string) => new TextEncoder().encode(text).length;

/** As RFC 3986 has it: browsers send more than that, and so does a peer. */
const asUri = (url: string) =>
  (URL.parse(url)?.href ?? url).replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]/g, encodeURIComponent);
