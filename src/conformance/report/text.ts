/** Words for reports: an exchange as text, as HTTP/1.1 shows it: evidence for reports. Secrets were masked when it was kept. */
import type { Exchange } from '../http.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a peer's control characters must not reach a terminal or a page
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function exchangeText({ request, response }: Exchange): string {
  const fields = (headers: Record<string, string | readonly string[]> = {}) =>
    Object.entries(headers).flatMap(([name, value]) => [value].flat().map((item) => `${name}: ${item}`));
  const sent = [`${request.method} ${request.url}`, ...fields(request.headers), ...body(request.body)];
  const got = [`HTTP ${response.status}`, ...fields(response.headers), ...body(response.body)];
  return [...sent.map((line) => `> ${line}`), ...got.map((line) => `< ${line}`)].join('\n').replace(CONTROL, '');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for HTML and XML, without the characters that XML 1.0 cannot hold. */
export function markup(text: string): string {
  return text.replace(CONTROL, '').replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
}

const body = (text = ''): string[] => (text === '' ? [] : ['', ...text.split('\n')]);
