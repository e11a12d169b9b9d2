/** The recorder: a wrapper around the HTTP port that keeps each exchange, masked and labelled. */
import type { Actor } from '../protocol/actors.ts';
import { UmaError } from '../protocol/errors.ts';
import type { HttpRequest, HttpResponse, Send } from '../protocol/http.ts';
import { type Arrow, Flow } from './labels.ts';
import { Redactor } from './redaction.ts';
import type { Trace, TracedExchange, TraceEntry } from './trace.ts';

/** An exchange as kept, and as it really was. The real one goes nowhere but to `--show-secrets`. */
export interface Seen {
  masked: TracedExchange;
  request: HttpRequest;
  response?: HttpResponse;
}

export interface RecorderOptions {
  title: string;
  /** The issuer and endpoints given by hand. */
  known?: Record<string, string | undefined>;
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /** False: nothing is kept for `trace()`, as a server that only tells has to do. */
  keep?: boolean;
  /** Told before a request is sent. */
  onRequest?(request: HttpRequest, arrow: Arrow): void;
  /** Told when it has ended. */
  onExchange?(seen: Seen): void;
}

export class Recorder {
  readonly flow: Flow;
  readonly #options: RecorderOptions;
  readonly #redactor = new Redactor();
  readonly #entries: TraceEntry[] = [];
  #section: TraceEntry['section'];

  constructor(options: RecorderOptions) {
    this.flow = new Flow(options.known);
    this.#options = options;
    this.#section = { title: options.title };
  }

  /** What follows belongs to this. */
  section(title: string, why?: string): void {
    this.#section = { title, ...(why === undefined ? {} : { why }) };
  }

  /** Something that people do without a request of ours. */
  deed(from: Actor, to: Actor, label: string, what: string): void {
    this.#entries.push({ kind: 'deed', section: this.#section, from, to, label, what, begun: this.#options.now() });
  }

  /** A port that records what passes. `from`: who sends; without it the request has to tell. */
  listen(send: Send, from?: Actor): Send {
    return async (request) => {
      const { answerLabel, ...arrow } = this.flow.arrow(request, from);
      this.#options.onRequest?.(request, { answerLabel, ...arrow });
      const begun = this.#options.now();
      const entry: TracedExchange = {
        kind: 'exchange',
        section: this.#section,
        ...arrow,
        begun,
        answerLabel: '',
        time: 0,
        request: this.#redactor.request(request),
        tokens: [],
      };
      // Its place is where it began: answers may come in another order.
      if (this.#options.keep !== false) this.#entries.push(entry);
      let response: HttpResponse | undefined;
      try {
        response = await send(request);
        this.flow.observe(request, response);
        entry.answerLabel = answerLabel(response.status);
        entry.response = this.#redactor.response(response);
        return response;
      } catch (error) {
        entry.error =
          error instanceof UmaError
            ? { code: error.code, message: this.#redactor.text(error.message) }
            : { code: 'failed', message: 'the exchange failed' };
        throw error;
      } finally {
        entry.time = Math.max(0, this.#options.now() - begun);
        entry.tokens = this.#redactor.tokens(request, response);
        const masked = this.#clean(entry);
        this.#options.onExchange?.({ masked, request, ...(response === undefined ? {} : { response }) });
      }
    };
  }

  /** All that was recorded so far. */
  trace(): Trace {
    return { uma_trace: 1, title: this.#options.title, entries: this.#entries.map((entry) => this.#clean(entry)) };
  }

  /** Without the values that were seen to be secrets, wherever they stand. */
  #clean<T extends TraceEntry>(entry: T): T {
    return JSON.parse(this.#redactor.everywhere(JSON.stringify(entry))) as T;
  }
}
