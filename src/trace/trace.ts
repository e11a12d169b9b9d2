/**
 * trace/: what happened on the wire, kept and shown: a recorder around the HTTP port, the labels of the flow picture (1 to 11), redaction,
 * and one renderer a format (renderers/). Secrets are masked before anything is kept. Pure but for the clock that it is given: reading and
 * writing files is the caller's. UMA Grant 1.2 and 3, UMA Federated Authorization 1.3. Imports protocol only.
 *
 * This file: the trace itself, as `.json` holds it and renderers read it.
 */
import { ACTORS, type Actor } from '../protocol/actors.ts';
import { UmaError } from '../protocol/errors.ts';
import { type HttpRequest, type HttpResponse, isObject } from '../protocol/http.ts';

/** 1 protection, 2 permission ticket, 3 claims, 4 authorization, 5 access: the steps that `-v` numbers. */
export type StepNumber = 1 | 2 | 3 | 4 | 5;

/** A JWT that travelled, unverified, without its signature. */
export interface SeenToken {
  /** `request: claim_token`, `response: id_token`. */
  place: string;
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

interface Entry {
  /** What it belongs to: a command, or a step of the demo. */
  section: { title: string; why?: string };
  from: Actor;
  to: Actor;
  /** Of the arrow there: `1` to `11` as in the flow picture, empty for what it leaves out. */
  label: string;
  /** In words: `permission ticket`. */
  what: string;
  /** When it began: milliseconds since the epoch, with fractions, because answers have to be put in order, too. */
  begun: number;
}

/** One HTTP exchange, secrets masked. */
export interface TracedExchange extends Entry {
  kind: 'exchange';
  step: StepNumber;
  /** Of the arrow back. */
  answerLabel: string;
  /** Milliseconds, with fractions. */
  time: number;
  request: HttpRequest;
  /** Absent: no complete answer came, see `error`. */
  response?: HttpResponse;
  error?: { code: string; message: string };
  tokens: SeenToken[];
}

/** What people do, without a request: Bob asks his client. */
export interface Deed extends Entry {
  kind: 'deed';
}

export type TraceEntry = TracedExchange | Deed;

export interface Trace {
  /** Version of this format. */
  uma_trace: 1;
  title: string;
  /** In the order in which they began. */
  entries: TraceEntry[];
}

/** Those who take part, in the picture's order. */
export const actorsIn = (entries: readonly TraceEntry[]): Actor[] =>
  ACTORS.filter((actor) => entries.some(({ from, to }) => from === actor || to === actor));

/** An arrow of a picture: a request, an answer, or what people do. */
export type TracedArrow = { kind: 'there' | 'back'; entry: TracedExchange } | { kind: 'deed'; entry: Deed };

/** All arrows in the order of time: an answer comes after what was asked meanwhile (2, 3, 4 of the flow picture). */
export function arrowsOf(entries: readonly TraceEntry[]): TracedArrow[] {
  const timed = entries.flatMap((entry): { at: number; arrow: TracedArrow }[] =>
    entry.kind === 'deed'
      ? [{ at: entry.begun, arrow: { kind: 'deed', entry } }]
      : [
          { at: entry.begun, arrow: { kind: 'there', entry } },
          { at: entry.begun + entry.time, arrow: { kind: 'back', entry } },
        ],
  );
  return timed.sort((a, b) => a.at - b.at).map(({ arrow }) => arrow);
}

/** `2026-11-22T22:18:54.123Z` */
export const startOf = ({ begun }: Pick<Entry, 'begun'>): string => new Date(begun).toISOString();

/** The entries of both, in the order of time. A flow of several commands is named so. */
export function merge(first: Trace | undefined, second: Trace): Trace {
  if (first === undefined) return second;
  const entries = [...first.entries, ...second.entries];
  return {
    ...first,
    title: first.title === second.title ? first.title : 'uma flow',
    entries: entries.sort((a, b) => a.begun - b.begun),
  };
}

/**
 * The trace in a `.json` file.
 * @throws UmaError `invalid_trace` (usage) naming the file and what is wrong.
 */
export function readTrace(text: string, path: string): Trace {
  const fail = (fault: string) =>
    new UmaError('usage', 'invalid_trace', `${path} is no trace: ${fault}`, {
      hint: 'a trace is what --trace FILE.json or UMA_TRACE=FILE.json wrote',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('it is not JSON');
  }
  if (!isObject(value) || value.uma_trace !== 1) throw fail('it has no "uma_trace": 1');
  if (typeof value.title !== 'string' || !Array.isArray(value.entries)) throw fail('title or entries are missing');
  const bad = value.entries.findIndex((entry) => !isEntry(entry));
  if (bad !== -1) throw fail(`entries[${bad}] is incomplete`);
  return value as unknown as Trace;
}

const TEXTS = ['label', 'what'] as const;

/** A date of its own: what lies beyond the dates there are cannot be shown. */
const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 8.64e15;

const areFields = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((field) => typeof field === 'string');

function isEntry(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.section) || typeof value.section.title !== 'string') return false;
  if (value.section.why !== undefined && typeof value.section.why !== 'string') return false;
  if (!ACTORS.some((actor) => actor === value.from) || !ACTORS.some((actor) => actor === value.to)) return false;
  if (!TEXTS.every((name) => typeof value[name] === 'string') || !isTime(value.begun)) return false;
  if (value.kind === 'deed') return true;
  const { request, response } = value;
  return (
    value.kind === 'exchange' &&
    typeof value.answerLabel === 'string' &&
    isTime(value.time) &&
    typeof value.step === 'number' &&
    Array.isArray(value.tokens) &&
    isObject(request) &&
    typeof request.method === 'string' &&
    typeof request.url === 'string' &&
    URL.canParse(request.url) &&
    areFields(request.headers) &&
    (request.body === undefined || typeof request.body === 'string') &&
    (response === undefined ||
      (isObject(response) &&
        typeof response.status === 'number' &&
        areFields(response.headers) &&
        typeof response.body === 'string'))
  );
}
