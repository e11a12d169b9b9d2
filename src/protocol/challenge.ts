/** `WWW-Authenticate: UMA` (UMA Grant 3.2.1), read and written by the grammar of RFC 9110 11.2 to 11.6. */
import { UmaError } from './errors.ts';

export interface Challenge {
  /** As sent; compare without case (RFC 9110 11.1). */
  scheme: string;
  /** Names in lower case. */
  params: Record<string, string>;
  /** The token68 form some schemes use instead of parameters. */
  token68?: string;
}

export interface UmaChallenge {
  realm?: string | undefined;
  /** The AS's issuer (not its discovery URL). */
  as_uri: string;
  ticket: string;
  error?: string | undefined;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const PARAM =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)")(?=[ \t]*(?:,|$))/y;
const TOKEN68 = /([A-Za-z0-9\-._~+/]+=*)(?=[ \t]*(?:,|$))/y;
const SPACES = /[ \t]+/y;
const SEPARATOR = /[ \t]*(?:,[ \t]*)+|[ \t]*$/y;

/**
 * Every challenge in a `WWW-Authenticate` value, in order; several fields joined with a comma read the same.
 * Tolerant of empty list elements and of blanks around `=`, as RFC 9110 asks of a recipient; the first of a repeated parameter counts.
 * @throws UmaError `malformed_challenge` (category `peer`) with the place where reading stopped.
 */
export function parseChallenges(value: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(value);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const addParam = (challenge: Challenge): boolean => {
    const match = take(PARAM);
    if (match === null) return false;
    const name = match[1]!.toLowerCase();
    challenge.params[name] ??= match[2] ?? match[3]!.replace(/\\(.)/g, '$1');
    return true;
  };
  const malformed = () =>
    new UmaError('peer', 'malformed_challenge', `WWW-Authenticate cannot be read from character ${at + 1} on`, {
      spec: 'RFC 9110 11.6.1',
    });
  take(SPACES);
  take(SEPARATOR);
  while (at < value.length) {
    const current = challenges.at(-1);
    // `name=value` continues the challenge before it; a bare name opens the next one.
    if (current === undefined || current.token68 !== undefined || !addParam(current)) {
      const scheme = take(TOKEN)?.[0];
      if (scheme === undefined) throw malformed();
      const challenge: Challenge = { scheme, params: Object.create(null) as Record<string, string> };
      challenges.push(challenge);
      if (take(SPACES) !== null && at < value.length && value[at] !== ',' && !addParam(challenge)) {
        const token68 = take(TOKEN68)?.[0];
        if (token68 !== undefined) challenge.token68 = token68;
      }
    }
    if (take(SEPARATOR) === null) throw malformed();
  }
  return challenges;
}

/**
 * The UMA challenge of a resource server, or undefined when the value has none (another scheme, or no ticket as in UMA Grant 3.2.2).
 * @throws UmaError `malformed_challenge` as {@link parseChallenges}.
 */
export function findUmaChallenge(value: string): UmaChallenge | undefined {
  for (const { scheme, params } of parseChallenges(value)) {
    const { as_uri, ticket, realm, error } = params;
    if (scheme.toLowerCase() === 'uma' && as_uri !== undefined && ticket !== undefined)
      return { as_uri, ticket, realm, error };
  }
  return undefined;
}

/**
 * The header value of UMA Grant 3.2.1. Every parameter is a quoted string with `"` and `\` escaped.
 * @throws UmaError `unsafe_header_value` for a value with a line break or another control character (header injection).
 */
export function formatUmaChallenge(challenge: UmaChallenge): string {
  const { realm, as_uri, ticket, error } = challenge;
  return `UMA ${Object.entries({ realm, as_uri, ticket, error })
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(', ')}`;
}

/** A quoted-string of RFC 9110 5.6.4. */
export function quote(value: string): string {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new UmaError(
      'peer',
      'unsafe_header_value',
      'a header parameter holds a control character or one outside Latin-1',
      { spec: 'RFC 9110 5.5' },
    );
  }
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
