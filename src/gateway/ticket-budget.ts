/** How many permission tickets one source may cause (ATK-27): a window of a minute for each address, and no more memory than that takes. */
import { isIPv6 } from 'node:net';

/** Sources remembered at once; beyond it the oldest is forgotten. */
const SOURCES = 10_000;
/** Milliseconds. */
const WINDOW = 60_000;

export class TicketBudget {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #used = new Map<string, { count: number; ends: number }>();

  /** `now` in milliseconds. */
  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Seconds until the source may try again; 0 while it has some left. Takes nothing. */
  wait(ip: string): number {
    const used = this.#current(sourceOf(ip));
    return used === undefined || used.count < this.#limit
      ? 0
      : Math.max(1, Math.ceil((used.ends - this.#now()) / 1000));
  }

  /** Counts one ticket. */
  take(ip: string): void {
    const source = sourceOf(ip);
    const used = this.#current(source) ?? { count: 0, ends: this.#now() + WINDOW };
    used.count += 1;
    this.#used.set(source, used);
    if (this.#used.size > SOURCES) this.#used.delete(this.#used.keys().next().value ?? '');
  }

  #current(source: string): { count: number; ends: number } | undefined {
    const used = this.#used.get(source);
    if (used === undefined || used.ends > this.#now()) return used;
    this.#used.delete(source);
    return undefined;
  }
}

/** One IPv6 subscriber has 2^64 addresses. */
function sourceOf(ip: string): string {
  if (!isIPv6(ip) || /^::ffff:/i.test(ip)) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const groups = head.split(':');
  const rest = tail === '' ? [] : tail.split(':');
  const full = ip.includes('::') ? [...groups, ...Array(8 - groups.length - rest.length).fill('0'), ...rest] : groups;
  return full.slice(0, 4).join(':');
}
