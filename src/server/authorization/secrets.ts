/** Random handles for tickets, RPTs, PCTs and refresh tokens, and the form in which stores know them. */
import { hash, randomBytes } from 'node:crypto';

/** Random bytes are drawn for many handles at once: a call for each costs ten times as much. */
const POOL_SIZE = 4096;
let pool = Buffer.alloc(0);
let used = 0;

/** `count` random bytes as base64url; each byte of the pool is given once and wiped. */
function random(count: number): string {
  if (used + count > pool.length) {
    pool = randomBytes(POOL_SIZE);
    used = 0;
  }
  const text = pool.toString('base64url', used, used + count);
  pool.fill(0, used, used + count);
  used += count;
  return text;
}

/** 256 random bits, base64url (GRANT-5.4-01, GRANT-3.3.5-05). */
export const newSecret = (): string => random(32);

/** 128 random bits, base64url: ids that are no secret but must not be guessed (ATK-15). Never with `-` first: people type them after a command. */
export function newId(): string {
  const id = random(16);
  return id.startsWith('-') ? newId() : id;
}

/** The key under which a store keeps a secret: what is stolen from a store redeems nothing. */
export const keyOf = (secret: string): string => hash('sha256', secret, 'base64url');
