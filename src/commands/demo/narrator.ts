/** Shows each exchange of the demo as two lines, request and answer, with the label of the flow picture and secrets cut short. */
import { mask, type Paint } from '../../cli/paint.ts';
import type { HttpRequest, HttpResponse, Send } from '../../protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';

export type Actor = 'owner' | 'client' | 'resource server' | 'AS';

/** Where a request goes, and the labels of its two arrows; empty for what the picture leaves out. */
export interface Arrows {
  to: Actor;
  request: string;
  answer(status: number): string;
  /** False for an exchange that was told before. */
  told?: boolean;
}

/** One exchange as the report keeps it: no secrets, only addresses and codes. */
export interface Told {
  label: string;
  from: Actor;
  to: Actor;
  request: string;
  status?: number;
}

const SECRETS = /^(password|client_secret|.*_token|token|ticket|rpt|pct)$/;
/** Form members that say nothing to a reader: the same in every request. */
const TOLD_ELSEWHERE = new Set(['claim_token_format', 'token_type_hint']);

export class Narrator {
  readonly told: Told[] = [];
  /** Where the server did something else than the specification, in a way that its dialect knows. */
  readonly differences: string[] = [];
  readonly #paint: Paint;
  readonly #write: (line: string) => void;

  /** `write` gets whole lines without their end. */
  constructor(paint: Paint, write: (line: string) => void) {
    this.#paint = paint;
    this.#write = write;
  }

  step(number: number, title: string, why: string): void {
    this.#write('');
    this.#write(this.#paint.bold(`${number}. ${title}`));
    this.#write(`   ${this.#paint.dim(why)}`);
  }

  fact(text: string): void {
    this.#write(`   ${this.#paint.green('✓')} ${this.#paint.clean(text)}`);
  }

  differs(text: string): void {
    this.differences.push(text);
    this.#write(`   ${this.#paint.yellow('!')} ${this.#paint.clean(text)}`);
  }

  failed(text: string): void {
    this.#write(`   ${this.#paint.red('✗')} ${this.#paint.clean(text)}`);
  }

  /** A `Send` that tells what passes through it: requests of `from`, labelled by what they are. */
  listen(send: Send, from: Actor, arrowsOf: (request: HttpRequest) => Arrows): Send {
    return async (request) => {
      const { to, request: label, answer, told: isTold = true } = arrowsOf(request);
      if (!isTold) return send(request);
      const told: Told = { label, from, to, request: `${request.method} ${pathOf(request)}` };
      this.told.push(told);
      this.#arrow(label, from, to, `${request.method} ${pathOf(request)}  ${bodyOf(request)}`);
      const response = await send(request);
      told.status = response.status;
      this.#arrow(answer(response.status), to, from, `${response.status}  ${answerOf(response)}`);
      return response;
    };
  }

  #arrow(label: string, from: Actor, to: Actor, text: string): void {
    const route = `${from} → ${to}`.padEnd(26);
    this.#write(
      `   ${this.#paint.cyan(label.padStart(4))}  ${this.#paint.dim(route)} ${this.#paint.clean(text.trim())}`,
    );
  }
}

const pathOf = ({ url }: HttpRequest) => new URL(url).pathname;

function bodyOf({ headers, body }: HttpRequest): string {
  const token = /^(Bearer|Basic) (.+)$/.exec(headers.authorization ?? '');
  const authorization =
    token?.[1] === undefined ? '' : token[1] === 'Basic' ? '[client authentication] ' : `[Bearer ${mask(token[2]!)}] `;
  if (body === undefined) return authorization;
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return authorization + shorten(body);
  const members = [...new URLSearchParams(body)].filter(([name]) => !TOLD_ELSEWHERE.has(name));
  return (
    authorization +
    members.map(([name, value]) => `${name}=${SECRETS.test(name) ? mask(value) : grantName(value)}`).join(' ')
  );
}

/** `uma-ticket` for the grant's long URN, which would fill the line. */
const grantName = (value: string) => (value === UMA_TICKET_GRANT ? 'uma-ticket' : value);

function answerOf({ headers, body }: HttpResponse): string {
  const challenge = headers['www-authenticate'];
  if (challenge?.startsWith('UMA')) {
    return `WWW-Authenticate: ${challenge.replace(/ticket="([^"]+)"/, (_, ticket: string) => `ticket="${mask(ticket)}"`)}`;
  }
  return shorten(body);
}

/** JSON on one line with its secrets cut short; other text as it is. At most 160 characters. */
function shorten(body: string): string {
  let text = body;
  try {
    text = JSON.stringify(JSON.parse(body), (name, value: unknown) =>
      typeof value === 'string' && SECRETS.test(name) ? mask(value) : value,
    );
  } catch {
    // Not JSON: the resource itself, or an empty body.
  }
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}
