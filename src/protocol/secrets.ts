/**
 * Which values on the wire are secrets, by the names they travel under, and how text loses them. Traces, reports and the terminal
 * all mask by this (RFC 6749 10, RFC 6750 5.2, RFC 9700 4: tokens leak through logs).
 */

/** What stands in place of a secret. `name` is the member, header or scheme that it was found under. */
export type Mask = (value: string, name: string) => string;

/** `abcd…wxyz`: enough to tell two tokens apart, useless as one. */
export function mask(token: string): string {
  return token.length < 24 ? '…' : `${token.slice(0, 4)}…${token.slice(-4)}`;
}

/** Passwords and the like keep nothing: people choose them, so a part helps to guess the rest. */
const CHOSEN = /(secret|password|passwd|user_?code|csrf|xsrf|basic|cookie|input)/i;
export const isChosenByPeople = (name: string): boolean => CHOSEN.test(name);

/** The mask of this program: tokens keep their ends, what people choose keeps nothing. */
export const maskNamed: Mask = (value, name) => (isChosenByPeople(name) ? '…' : mask(value));

/** `access_token`, `client_secret`, `tokenId`, but neither `token_type` nor `token_endpoint`. */
const SECRET_NAME =
  /^(?:.*(?:token|tokenid|secret|password|passwd|ticket|assertion|csrf|xsrf|verifier|iplanetdirectorypro)|rpt|pct|pat|code|device_?code|user_?code|request_uri)$/i;
/** Its value names a kind or place of a secret, and is none. */
const HARMLESS_NAME = /^(?:csrf_protection|grant_type)$/i;

/** Whether a member of a form, query or JSON object of this name holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);

/** In JSON, `code` is the name of an error or a status; an authorization code travels in queries and forms. */
const isSecretMember = (name: string): boolean => name !== 'code' && isSecretName(name);

const JWT = /\beyJ[\w-]{4,}(?:\.[\w-]*){2,4}/g;
/** A credential with its scheme, inside any text. */
const CREDENTIAL = /\b(Bearer|DPoP|Basic) ([\w.~+/-]{20,}=*)/g;
const PAIR = /((?:^|[?&#\s"'(;,])([\w.-]+)=)("?)([^&\s"'#<>);,]+)/g;
const ENCODED_PAIR = /((?:%3F|%26|%23)([\w.-]+)%3D)((?:(?!%26|%23)[^&\s"'#<>])+)/gi;
const JSON_MEMBER = /("([\w.-]+)"\s*:\s*")((?:[^"\\]|\\.)+)/g;
/** JSON in a string of JSON. */
const ESCAPED_MEMBER = /(\\+"([\w.-]+)\\+"\s*:\s*\\+")([^"\\]+)/g;
/** Hidden fields of a page, whatever they are called. */
const INPUT = /(<input\b[^>]*\bvalue=")([^"]+)/gi;

/** Free text: JWTs, credentials with their scheme, `name=value` as in queries, challenges and forms, members of broken JSON. */
export function maskText(text: string, hide: Mask = maskNamed): string {
  return text
    .replace(INPUT, (_all, before: string, value: string) => before + hide(value, 'input'))
    .replace(PAIR, (all, before: string, name: string, quote: string, value: string) =>
      isSecretName(name) ? before + quote + hide(value, name) : all,
    )
    .replace(ENCODED_PAIR, (all, before: string, name: string, value: string) =>
      isSecretName(name) ? before + hide(value, name) : all,
    )
    .replace(JSON_MEMBER, (all, before: string, name: string, value: string) =>
      isSecretMember(name) ? before + hide(value, name) : all,
    )
    .replace(ESCAPED_MEMBER, (all, before: string, name: string, value: string) =>
      isSecretMember(name) ? before + hide(value, name) : all,
    )
    .replace(CREDENTIAL, (_all, scheme: string, value: string) => `${scheme} ${hide(value, scheme)}`)
    .replace(JWT, (value) => hide(value, 'jwt'));
}

/** A JSON value at any depth; strings in it that are JSON or free text themselves, too. */
export function maskJson(value: unknown, hide: Mask = maskNamed, secret = ''): unknown {
  if (typeof value === 'string') {
    if (secret !== '') return value === '' ? value : hide(value, secret);
    return maskText(value, hide);
  }
  if (Array.isArray(value)) return value.map((item) => maskJson(item, hide, secret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, maskJson(member, hide, isSecretMember(name) ? name : secret)]),
  );
}

/** A body by what it says it is: form, JSON, or text. */
export function maskBody(body: string, contentType: string, hide: Mask = maskNamed): string {
  // First, because `uma get -d` says of anything that it is a form, as curl does.
  const looksLikeJson = /^\s*[[{"]/.test(body);
  if (looksLikeJson) {
    try {
      return JSON.stringify(maskJson(JSON.parse(body), hide));
    } catch {
      // Broken JSON is masked as text.
    }
  }
  if (!looksLikeJson && /^application\/x-www-form-urlencoded/i.test(contentType)) return maskForm(body, hide);
  return maskText(body, hide);
}

function maskForm(body: string, hide: Mask): string {
  return body
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=');
      const [[name = '', value = ''] = []] = new URLSearchParams(pair);
      if (at === -1 || value === '') return maskText(pair, hide);
      if (isSecretName(name)) return `${pair.slice(0, at)}=${hide(value, name)}`;
      const masked = maskText(value, hide);
      return masked === value ? pair : `${pair.slice(0, at)}=${masked}`;
    })
    .join('&');
}

const OWN_HEADERS = /^(?:cookie|set-cookie)$/;
const WHOLE_HEADERS = /^(?:dpop|iplanetdirectorypro|x-openam-password|x-api-key|x-auth-token)$/;

/** A header field's value. `name` in lower case. */
export function maskHeader(name: string, value: string, hide: Mask = maskNamed): string {
  if (OWN_HEADERS.test(name)) return maskCookies(name, value, hide);
  if (WHOLE_HEADERS.test(name) || isSecretName(name)) return hide(value, name);
  if (name === 'authorization' || name === 'proxy-authorization') {
    const at = value.indexOf(' ');
    if (at === -1) return hide(value, name);
    return `${value.slice(0, at)} ${hide(value.slice(at + 1), value.slice(0, at))}`;
  }
  return maskText(value, hide);
}

/** Every cookie's value; attributes of `set-cookie` stay. */
function maskCookies(name: string, value: string, hide: Mask): string {
  const one = (cookie: string) =>
    cookie.replace(/^(\s*[^=;]*=)([^;]*)/, (_all, before: string, secret: string) => before + hide(secret, 'cookie'));
  return name === 'cookie' ? value.split(';').map(one).join(';') : value.split('\n').map(one).join('\n');
}
