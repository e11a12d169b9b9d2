/**
 * Guessing passwords and client secrets (RFC 6749 2.3.1, 10.7; RFC 9700 4.14): failures are counted for the account at one network, for
 * the network and for the account, over all instances, and each one more makes the next attempt wait longer. A success at a
 * network clears what stands between it and the account, and keeps what others do elsewhere away from it for a month: nobody
 * can lock somebody out from another place.
 */
import { isIPv6 } from 'node:net';
import { keyOf } from '../authorization/secrets.ts';
import { Refusal } from '../http/refusal.ts';
import type { LimitStore } from '../stores/types.ts';

export interface Attempt {
  of: 'person' | 'client';
  /** User name or client id, as it was typed: known or not. */
  account: string;
  /** Address of the peer. */
  address: string;
}

export interface Attempts {
  /** Whether there were failures before. @throws TooManyAttempts when it has to wait. */
  check(attempt: Attempt): Promise<boolean>;
  failed(attempt: Attempt): Promise<void>;
  /** @param again what {@link check} answered. */
  succeeded(attempt: Attempt, again: boolean): Promise<void>;
  /** Checks, lets `verify` answer (undefined = wrong) and counts. @throws TooManyAttempts; `verify` has not been asked then. */
  guard<T>(attempt: Attempt, verify: () => Promise<T | undefined>): Promise<T | undefined>;
}

/** 429 with `Retry-After`. Says the same whether the account exists or not. */
export class TooManyAttempts extends Refusal {
  /** Until the next attempt is looked at. */
  readonly seconds: number;
  constructor(seconds: number) {
    super(429, 'too_many_attempts', `too many failed attempts: try again in ${seconds} s`, {
      'retry-after': String(seconds),
    });
    this.seconds = seconds;
  }
}

/** `free` failures cost nothing, then the wait doubles from one second up to `longest` seconds. */
interface Rule {
  free: number;
  longest: number;
}
const RULES: Readonly<Record<Attempt['of'], { pair: Rule; network: Rule; account: Rule }>> = {
  person: {
    pair: { free: 5, longest: 300 },
    network: { free: 50, longest: 60 },
    account: { free: 100, longest: 60 },
  },
  // Secrets of programs are long, and one that was changed on one side only is tried again by itself.
  client: {
    pair: { free: 20, longest: 60 },
    network: { free: 100, longest: 60 },
    account: { free: 200, longest: 60 },
  },
};

/** Seconds after the last failure that it is all forgotten. */
const FORGET = 3600;
/** Seconds for which a success vouches for a network. */
const KNOWN = 30 * 86_400;
/** Seconds after which a success is written down again. */
const KNOWN_AGAIN = 86_400;
/** Passwords from one network that are looked at at once, in one process: more would be guesses that nobody has counted yet. */
const AT_ONCE = 8;
/** Entries of a table in memory. */
const MOST = 10_000;

interface Count {
  count: number;
  expires_at: number;
}

/** @param now seconds since the epoch. */
export function createAttempts(limits: LimitStore, now: () => number): Attempts {
  // What failures of this process have shown. A client's success asks nobody else: it is on the path of every request.
  const seen = new Map<string, Count>();
  const known = new Map<string, number>();
  const gate = createGate(AT_ONCE);

  const see = (key: string, count: Count) => {
    if (seen.size >= MOST && !seen.has(key)) seen.delete(seen.keys().next().value!);
    seen.set(key, count);
  };

  async function check(attempt: Attempt): Promise<boolean> {
    if (attempt.of === 'client' && seen.size === 0) return false;
    const keys = keysOf(attempt);
    const rules = RULES[attempt.of];
    const at = now();
    const find = async (key: string) => (attempt.of === 'client' ? seen.get(key) : await limits.peek(key, at));
    const [pair, network, account] = await Promise.all([find(keys.pair), find(keys.network), find(keys.account)]);
    const own = endOf(pair, rules.pair) - at;
    if (own > 0) throw new TooManyAttempts(own);
    const wider = Math.max(endOf(network, rules.network), endOf(account, rules.account)) - at;
    if (wider > 0 && (await limits.peek(keys.known, at)) === undefined) throw new TooManyAttempts(wider);
    return pair !== undefined;
  }

  async function failed(attempt: Attempt): Promise<void> {
    const { pair, network, account } = keysOf(attempt);
    const at = now();
    await Promise.all(
      [pair, network, account].map(async (key) => {
        // At once, for those who come while the store is asked.
        const before = seen.get(key);
        const count = before !== undefined && before.expires_at > at ? before.count + 1 : 1;
        see(key, { count, expires_at: at + FORGET });
        see(key, await limits.fail(key, at, FORGET));
      }),
    );
  }

  async function succeeded(attempt: Attempt, again: boolean): Promise<void> {
    const name = `${attempt.of} ${attempt.account} ${attempt.address}`;
    const at = now();
    const fresh = (known.get(name) ?? 0) <= at;
    if (!fresh && !again) return;
    const keys = keysOf(attempt);
    if (again) {
      seen.delete(keys.pair);
      await limits.clear(keys.pair);
    }
    if (!fresh) return;
    if (known.size >= MOST) known.delete(known.keys().next().value!);
    known.set(name, at + KNOWN_AGAIN);
    await limits.fail(keys.known, at, KNOWN);
  }

  return {
    check,
    failed,
    succeeded,
    guard(attempt, verify) {
      const attend = async () => {
        const again = await check(attempt);
        const answer = await verify();
        await (answer === undefined ? failed(attempt) : succeeded(attempt, again));
        return answer;
      };
      return attempt.of === 'client' ? attend() : gate(networkOf(attempt.address), attend);
    },
  };
}

/** Hashed: a store tells nobody which names were tried. */
function keysOf({ of, account, address }: Attempt) {
  const network = networkOf(address);
  const key = (...parts: string[]) => `tries:${keyOf(JSON.stringify([of, ...parts]))}`;
  return {
    pair: key('pair', account, network),
    network: key('network', network),
    account: key('account', account),
    known: key('known', account, network),
  };
}

/** When the next attempt is looked at, in seconds since the epoch. */
function endOf(found: Count | undefined, { free, longest }: Rule): number {
  if (found === undefined || found.count < free) return 0;
  return found.expires_at - FORGET + Math.min(longest, 2 ** (found.count - free));
}

/** An IPv4 address as it is; of an IPv6 address the first 64 bits, within which one peer has all the addresses it likes. */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [left = '', right = ''] = plain.split('::').map((half) => half.replace(/[\d.]+\.\d+$/, '0:0'));
  const [front, back] = [left, right].map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]];
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...zeros, ...back].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}

/** Lets at most `most` pieces of work with the same key run at once; the others wait their turn. */
function createGate(most: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const lines = new Map<string, { running: number; waiting: (() => void)[] }>();
  return async (key, work) => {
    const line = lines.get(key) ?? { running: 0, waiting: [] };
    lines.set(key, line);
    if (line.running >= most) await new Promise<void>((go) => line.waiting.push(go));
    else line.running += 1;
    try {
      return await work();
    } finally {
      const next = line.waiting.shift();
      if (next !== undefined) next();
      else {
        line.running -= 1;
        if (line.running === 0) lines.delete(key);
      }
    }
  };
}
