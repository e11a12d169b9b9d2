/** A request or an answer in a few words of one line: what the demo tells, and what arrows carry. Takes what was masked. */
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';
import { UMA_TICKET_GRANT } from '../protocol/outcome.ts';

/** Form members that say nothing to a reader: the same in every request. */
const TOLD_ELSEWHERE = new Set(['claim_token_format', 'token_type_hint']);
/** Characters of a summary. */
const SHOWN = 160;

/** `POST /token` */
export const verbAndPath = ({ method, url }: Pick<HttpRequest, 'method' | 'url'>): string =>
  `${method} ${new URL(url).pathname}`;

/** Credentials and body: `[Bearer 1YwR…x2Yw] grant_type=uma-ticket ticket=…`. */
export function requestSummary({ headers, body }: HttpRequest): string {
  const [scheme, credentials] = (headers.authorization ?? '').split(' ');
  const authorization =
    scheme === '' ? '' : scheme === 'Basic' ? '[client authentication] ' : `[${scheme} ${credentials}] `;
  if (body === undefined) return authorization.trim();
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return authorization + shorten(body);
  const members = [...new URLSearchParams(body)].filter(([name]) => !TOLD_ELSEWHERE.has(name));
  return authorization + members.map(([name, value]) => `${name}=${grantName(value)}`).join(' ');
}

/** `uma-ticket` for the grant's long URN, which would fill the line. */
const grantName = (value: string) => (value === UMA_TICKET_GRANT ? 'uma-ticket' : value);

/** The UMA challenge, or the body. */
export function answerSummary({ headers, body }: HttpResponse): string {
  const challenge = headers['www-authenticate'];
  return challenge?.startsWith('UMA') ? `WWW-Authenticate: ${challenge}` : shorten(body);
}

/** Of an answer, the one word that matters: `ticket`, `need_info`, `RPT`, `active: false`. */
export function answerWord({ status, headers, body }: HttpResponse, what: string): string {
  if (headers['www-authenticate']?.startsWith('UMA')) return `${status}, ticket`;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return String(status);
  }
  const { error, active, ticket } = (value ?? {}) as Record<string, unknown>;
  if (typeof error === 'string') return `${status} ${error}`;
  if (typeof active === 'boolean') return active ? `${status} active` : `${status} inactive`;
  if (typeof ticket === 'string') return `${status}, ticket`;
  if (what === 'RPT' && status === 200) return `${status}, RPT`;
  if (what === 'PAT' && status === 200) return `${status}, PAT`;
  if (what === 'claims' && status === 200) return `${status}, claim token`;
  return String(status);
}

const shorten = (text: string) => (text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`);
