/** The request target as the rules see it and the upstream gets it: one reading, or none. */
import { UmaError } from '../protocol/errors.ts';

export interface Target {
  /** Normalised: what is matched is what is forwarded. */
  path: string;
  /** As sent, with its `?`; empty without a query. */
  query: string;
  search: URLSearchParams;
}

/** RFC 3986 3.3 without `;`, which servers read as a parameter, as a part of the name, or not at all. */
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
/** `/`, `\`, `;`, `.`, and controls in disguise; and an escape that a second decoding would make one. */
const DISGUISED = /%(?:2f|5c|3b|2e|25[0-9a-f]{2}|[01][0-9a-f]|7f)/i;

const bad = (why: string) =>
  new UmaError('usage', 'ambiguous_path', `the path ${why}: two servers could read it differently`, {
    hint: 'send the plain path, without dot segments, empty segments, ";" and encoded separators',
  });

/** What is decoded is used: a bundler takes a `decodeURIComponent` that nobody looks at for one without effect, and leaves it out. */
function isUtf8(escaped: string): boolean {
  try {
    return decodeURIComponent(escaped).length <= escaped.length;
  } catch {
    return false;
  }
}

/**
 * Reads an origin-form request target. Escapes of unreserved characters are undone, all others written in capitals (RFC 3986 6.2.2).
 * @throws UmaError `ambiguous_path` (usage) for dot and empty segments, `;`, `\`, encoded separators, double encoding, and what is no UTF-8.
 */
export function readTarget(target: string): Target {
  const at = target.indexOf('?');
  const raw = at === -1 ? target : target.slice(0, at);
  const query = at === -1 ? '' : target.slice(at);
  if (!raw.startsWith('/')) throw bad('does not begin with /');
  if (!PATH.test(raw)) throw bad('holds a character that must be encoded, or ";"');
  if (DISGUISED.test(raw)) throw bad('holds an encoded separator, dot or control character');
  const segments = raw.slice(1).split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) throw bad('holds a dot segment');
  if (segments.some((segment, index) => segment === '' && index < segments.length - 1))
    throw bad('holds an empty segment');
  if (!isUtf8(raw)) throw bad('is not UTF-8');
  const path = raw.replace(/%[0-9A-Fa-f]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[A-Za-z0-9\-_~]/.test(character) ? character : octet.toUpperCase();
  });
  // Undone escapes can stand behind a `%25` (`%25%32e`): what goes on must not be what nothing may be sent as.
  if (DISGUISED.test(path)) throw bad('is encoded twice');
  return { path, query, search: new URLSearchParams(query) };
}
