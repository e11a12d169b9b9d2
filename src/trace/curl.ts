/** A request as one runnable curl line. Secrets are shell variables, named after those that `uma` reads itself. */
import type { Actor } from '../protocol/actors.ts';
import type { HttpRequest } from '../protocol/http.ts';
import { type Mask, maskBody, maskHeader, maskText } from '../protocol/secrets.ts';
import type { Arrow } from './labels.ts';

let made: string | undefined;
/**
 * Marks where a variable stands. Nobody can guess it: text of a peer that held it would become shell. No letter begins or ends it: what
 * it marks is masked once. Made when wanted, because Web Crypto costs every start of the program.
 */
const mark = (): string => (made ??= `\ue000${crypto.randomUUID()}\ue000`);

const AS_WHOM: Partial<Record<Actor, { client: string; person: string; token: string }>> = {
  'resource server': { client: 'UMA_RS_CLIENT_SECRET', person: 'UMA_OWNER_PASSWORD', token: 'UMA_PAT' },
  client: { client: 'UMA_CLIENT_SECRET', person: 'UMA_PARTY_PASSWORD', token: 'UMA_RPT' },
  owner: { client: 'UMA_APP_CLIENT_SECRET', person: 'UMA_OWNER_PASSWORD', token: 'UMA_OWNER_TOKEN' },
};

/** One line for a shell (`sh`); run it with the variables set. */
export function curlLine(request: HttpRequest, { from }: Pick<Arrow, 'from'>): string {
  const whose = AS_WHOM[from] ?? AS_WHOM.client!;
  const variable = (name: string): string => {
    const plain = name.toLowerCase();
    if (plain === 'client_secret' || plain === 'basic') return whose.client;
    if (plain === 'password') return whose.person;
    if (plain === 'bearer' || plain === 'dpop' || plain === 'access_token') return whose.token;
    return `UMA_${plain.replace(/[^a-z0-9]+/g, '_').toUpperCase()}`;
  };
  const hide: Mask = (_value, name) => `${mark()}${variable(name)}${mark()}`;
  const { method, url, headers, body } = request;
  const words = ['curl', '-sS'];
  // To curl, brackets and braces are ranges.
  if (/[[\]{}]/.test(url)) words.push('-g');
  // curl makes a POST of anything that has data.
  if (method === 'HEAD') words.push('--head');
  else if (method !== (body === undefined ? 'GET' : 'POST')) words.push('-X', method);
  const basic = basicUser(headers.authorization);
  if (basic !== undefined) words.push('-u', shellWord(`${basic}:${hide('', 'basic')}`));
  const isForm = /^application\/x-www-form-urlencoded$/i.test(headers['content-type'] ?? '') && isPlainForm(body);
  for (const [name, value] of Object.entries(headers)) {
    if ((name === 'authorization' && basic !== undefined) || (name === 'content-type' && isForm)) continue;
    words.push('-H', shellWord(`${name}: ${maskHeader(name, value, hide)}`));
  }
  if (body !== undefined && isForm) words.push(...formWords(body, hide));
  else if (body !== undefined && isBinary(body)) words.push('--data-binary', '@"$UMA_BODY_FILE"');
  else if (body !== undefined) words.push('--data-raw', shellWord(maskBody(body, headers['content-type'] ?? '', hide)));
  words.push(shellWord(maskText(url, hide)));
  return words.join(' ');
}

/** The id of a client that shows its secret by Basic (as the header has it: form-encoded, RFC 6749 2.3.1). */
function basicUser(authorization = ''): string | undefined {
  const pair = /^Basic (\S+)$/.exec(authorization)?.[1];
  return pair === undefined ? undefined : atob(pair).split(':')[0];
}

/** Whether taking it apart and putting it together gives the same: `uma get -d` sends any text as a form. No argument holds a NUL. */
const isPlainForm = (body = ''): boolean => new URLSearchParams(body).toString() === body && !body.includes('%00');

/** No text: a NUL, or what stands for octets that are no UTF-8. */
const isBinary = (body: string): boolean => body.includes('\u0000') || body.includes('\ufffd');

/** curl encodes what follows the first `=`. */
function formWords(body: string, hide: Mask): string[] {
  return [...new URLSearchParams(body)].flatMap(([name, value]) => {
    const masked = maskBody(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`, FORM, hide);
    const shown = masked.includes(mark()) ? masked.slice(masked.indexOf('=') + 1) : value;
    return ['--data-urlencode', shellWord(`${name}=${shown}`)];
  });
}

const FORM = 'application/x-www-form-urlencoded';

/** Text in single quotes where it needs them, variables in double quotes: `'ticket='"$UMA_TICKET"`. */
function shellWord(text: string): string {
  return text
    .split(mark())
    .map((part, at) => {
      if (at % 2 === 1) return `"$${part}"`;
      if (part === '' || /^[A-Za-z0-9_@%+=:,./-]+$/.test(part)) return part;
      return `'${part.replaceAll("'", `'\\''`)}'`;
    })
    .join('');
}
