/** WebSockets that were let through: closed when the RPT ends, and when a reader is too slow for what is sent to it. */
import type { Socket } from 'node:net';

/** What is used of the WebSockets of `ws`. */
interface WebSocketPeer {
  readonly bufferedAmount: number;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'close', listener: () => void): unknown;
  /** The connection beneath. `ws` has no other way from a WebSocket to the request that it began with; a test holds it to it. */
  readonly _socket?: Socket | null;
}

/** RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
const INTERNAL_ERROR = 1011;
/** Milliseconds between the close frame and the end of a connection whose peer does not answer it. */
const GRACE = 2000;
/** The longest that a timer of Node takes. */
const LONGEST = 2 ** 31 - 1;

export class WebSocketEnds {
  /** Seconds since the epoch, by the connection; undefined: no end. */
  readonly #ends = new WeakMap<object, { until: number | undefined }>();
  readonly #waiting: number;
  readonly #now: () => number;

  /** `waiting`: bytes that may wait for a slow reader. `now` in seconds. */
  constructor(waiting: number, now: () => number = () => Date.now() / 1000) {
    this.#waiting = waiting;
    this.#now = now;
  }

  /** Before the upgrade: how long this connection may live. */
  note(socket: object, until: number | undefined): void {
    this.#ends.set(socket, { until });
  }

  /** Hooks of the proxy library. */
  readonly hooks = {
    onConnect: (_context: unknown, source: WebSocketPeer): void => {
      const end = source._socket == null ? undefined : this.#ends.get(source._socket);
      // A connection that nobody let through is closed rather than left open for ever.
      if (end === undefined) finish(source, INTERNAL_ERROR, 'the connection is not known');
      else if (end.until !== undefined) this.#closeAt(source, end.until);
    },
    onIncomingMessage: (_context: unknown, source: WebSocketPeer, target: WebSocketPeer): void =>
      this.#limit(target, source),
    onOutgoingMessage: (_context: unknown, source: WebSocketPeer): void => this.#limit(source, source),
  };

  #limit(reader: WebSocketPeer, source: WebSocketPeer): void {
    if (reader.bufferedAmount > this.#waiting) finish(source, TRY_AGAIN_LATER, 'the reader is too slow');
  }

  #closeAt(source: WebSocketPeer, until: number): void {
    const left = Math.max(0, (until - this.#now()) * 1000);
    const timer = setTimeout(
      () => (left > LONGEST ? this.#closeAt(source, until) : finish(source, POLICY_VIOLATION, 'the RPT has ended')),
      Math.min(left, LONGEST),
    );
    timer.unref();
    source.on('close', () => clearTimeout(timer));
  }
}

function finish(source: WebSocketPeer, code: number, reason: string): void {
  source.close(code, reason);
  const timer = setTimeout(() => source.terminate(), GRACE);
  timer.unref();
  source.on('close', () => clearTimeout(timer));
}
