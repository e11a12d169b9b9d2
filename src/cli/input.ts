/** Standard input of a command in a pipe: what the command before it, or curl, wrote. */
import { findUmaChallenge } from '../protocol/challenge.ts';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';

export interface PipedInput {
  /** In what form it came. */
  form: 'object' | 'token' | 'challenge' | 'response';
  /**
   * Members with the wire's names. A challenge gives `ticket`, `as_uri`, `realm`; a bare token stands under `token`;
   * a whole response gives its UMA challenge, or else its JSON body. An array (`uma request list`) stands under `items`.
   */
  members: Readonly<Record<string, unknown>>;
  /** The string member, or undefined; a bare token answers to every name that means a token (`ticket`, `access_token`, ...). */
  text(name: string): string | undefined;
}

/** Standard input was the refused outcome of the command before: it goes on unchanged, with that outcome's exit code. */
export interface PassedOn {
  form: 'refused';
  value: Record<string, unknown>;
  error: string;
}

const HOW = 'feed it a JSON object, a bare token, a `WWW-Authenticate: UMA` header or a whole response (`curl -si`)';
const TOKEN_NAMES = ['ticket', 'access_token', 'claim_token', 'id_token', 'token', 'pat', 'rpt', 'pct', 'owner_token'];
const BARE_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Reads what came through the pipe; undefined when it is blank.
 * @throws UmaError `unknown_input` (usage) that does not repeat the text, which may hold secrets.
 */
export function readPiped(text: string): PipedInput | PassedOn | undefined {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') return undefined;
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return ofJson(trimmed, 'object');
  if (/^HTTP\/\d/.test(trimmed)) return ofResponse(trimmed);
  const header = /^(?:www-authenticate[ \t]*:[ \t]*)?(uma[ \t].*)$/is.exec(oneField(trimmed))?.[1];
  if (header !== undefined) return ofChallenge(header, 'challenge') ?? unreadable('the UMA challenge holds no ticket');
  if (BARE_TOKEN.test(trimmed)) return make('token', { token: trimmed });
  if (/^"[^"\\]*"$/.test(trimmed)) return make('token', { token: trimmed.slice(1, -1) });
  return unreadable('standard input is in no form that is understood');
}

function ofJson(text: string, form: 'object' | 'response'): PipedInput | PassedOn {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable('standard input looks like JSON and is not');
  }
  if (Array.isArray(value)) return make(form, { items: value });
  if (!isObject(value)) return unreadable('standard input is JSON, but no object');
  return typeof value.error === 'string' ? { form: 'refused', value, error: value.error } : make(form, value);
}

/** A UMA challenge wins over the body: a 401 of a resource server may carry both. Of several responses (a proxy's, a 100) the last counts. */
function ofResponse(text: string): PipedInput | PassedOn {
  const lines = text.split(/\r?\n/);
  let start = 0;
  let blank = 0;
  for (;;) {
    blank = lines.indexOf('', start);
    if (blank === -1) blank = lines.length;
    if (!/^HTTP\/\d/.test(lines[blank + 1] ?? '')) break;
    start = blank + 1;
  }
  const challenges = lines
    .slice(start + 1, blank)
    .flatMap((line) => /^www-authenticate[ \t]*:[ \t]*(.*)$/i.exec(line)?.[1] ?? []);
  const challenge = ofChallenge(challenges.join(', '), 'response');
  if (challenge !== undefined) return challenge;
  const body = lines
    .slice(blank + 1)
    .join('\n')
    .trim();
  if (body.startsWith('{') || body.startsWith('[')) return ofJson(body, 'response');
  return unreadable(`the response (${lines[start]}) has no UMA challenge and no JSON body`);
}

/** Several `WWW-Authenticate` lines as one field (RFC 9110 5.3), the UMA one first: what stands before it says nothing here. */
function oneField(text: string): string {
  const lines = text.split(/\r?\n(?=www-authenticate[ \t]*:)/i);
  if (lines.length === 1) return text;
  const values = lines.map((line) => line.replace(/^www-authenticate[ \t]*:[ \t]*/i, ''));
  const isUma = (value: string) => /^uma[ \t]/i.test(value);
  return [...values.filter(isUma), ...values.filter((value) => !isUma(value))].join(', ');
}

function ofChallenge(value: string, form: 'challenge' | 'response'): PipedInput | undefined {
  const challenge = findUmaChallenge(value.replace(/\r?\n[ \t]*/g, ' '));
  return challenge === undefined ? undefined : make(form, { ...challenge });
}

function make(form: PipedInput['form'], members: Record<string, unknown>): PipedInput {
  return {
    form,
    members,
    text(name) {
      const member = form === 'token' && TOKEN_NAMES.includes(name) ? 'token' : name;
      const value = Object.hasOwn(members, member) ? members[member] : undefined;
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
  };
}

function unreadable(message: string): never {
  throw new UmaError('usage', 'unknown_input', message, { hint: HOW });
}
