/** Shows each exchange of the demo as two lines, request and answer, with the label of the flow picture and secrets cut short. */
import type { Paint } from '../../cli/paint.ts';
import { wrap } from '../../cli/wrap.ts';
import type { Actor } from '../../protocol/actors.ts';
import type { HttpRequest, Send } from '../../protocol/http.ts';
import { Flow } from '../../trace/labels.ts';
import { Redactor } from '../../trace/redaction.ts';
import { answerSummary, requestSummary, verbAndPath } from '../../trace/summary.ts';

/** One exchange as the report keeps it: no secrets, only addresses and codes. */
export interface Told {
  label: string;
  from: Actor;
  to: Actor;
  request: string;
  status?: number;
}

/** Widest route: `resource server → client`. */
const ROUTE = 24;
/** Column after label and route. */
const ROUTE_END = 3 + 2 + 2 + ROUTE + 1;

export class Narrator {
  readonly told: Told[] = [];
  /** Where the server did something else than the specification, in a way that its dialect knows. */
  readonly differences: string[] = [];
  readonly #paint: Paint;
  readonly #write: (line: string) => void;
  readonly #flow: Flow;
  readonly #columns: number | undefined;
  /** Characters for what was sent, so that an arrow is one line. */
  readonly #room: number | undefined;
  readonly #redactor = new Redactor();

  /** `write` gets whole lines without their end; `issuer` is the AS of the play; `columns` are the terminal's, if it is one. */
  constructor(paint: Paint, write: (line: string) => void, issuer: string, columns: number | undefined) {
    this.#columns = columns;
    this.#room = columns === undefined ? undefined : Math.max(columns - ROUTE_END, 20);
    this.#paint = paint;
    this.#write = write;
    this.#flow = new Flow({ issuer });
  }

  step(number: number, title: string, why: string): void {
    this.#write('');
    this.#write(this.#paint.bold(`${number}. ${title}`));
    for (const line of this.#wrapped(why, 3)) this.#write(`   ${this.#paint.dim(line)}`);
  }

  fact(text: string): void {
    this.#mark(this.#paint.green('✓'), text);
  }

  differs(text: string): void {
    this.differences.push(text);
    this.#mark(this.#paint.yellow('!'), text);
  }

  failed(text: string): void {
    this.#mark(this.#paint.red('✗'), text);
  }

  /** A `Send` that tells what passes through it: requests of `from`. `isTold` is false for what was told before. */
  listen(send: Send, from: Actor, isTold: (request: HttpRequest) => boolean = () => true): Send {
    return async (request) => {
      const { to, label, answerLabel } = this.#flow.arrow(request, from);
      if (!isTold(request)) return send(request);
      const address = verbAndPath(request);
      const told: Told = { label, from, to, request: address };
      this.told.push(told);
      this.#arrow(label, from, to, `${address}  ${requestSummary(this.#redactor.request(request))}`);
      const response = await send(request);
      this.#flow.observe(request, response);
      told.status = response.status;
      const answer = answerSummary(this.#redactor.response(response));
      this.#arrow(answerLabel(response.status), to, from, `${response.status}  ${answer}`);
      return response;
    };
  }

  #mark(mark: string, text: string): void {
    const [first = '', ...more] = this.#wrapped(this.#paint.clean(text), 5);
    this.#write(`   ${mark} ${first}`);
    for (const line of more) this.#write(`     ${line}`);
  }

  #wrapped(text: string, indent: number): string[] {
    return this.#columns === undefined ? [text] : wrap(text, this.#columns - indent);
  }

  #arrow(label: string, from: Actor, to: Actor, text: string): void {
    const route = `${from} → ${to}`.padEnd(ROUTE);
    const said = this.#paint.clean(text.trim());
    const fitting = this.#room === undefined || said.length <= this.#room ? said : `${said.slice(0, this.#room - 1)}…`;
    this.#write(`   ${this.#paint.cyan(label.padStart(2))}  ${this.#paint.dim(route)} ${fitting}`);
  }
}
