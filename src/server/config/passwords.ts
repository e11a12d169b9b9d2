/** Passwords as argon2id in PHC form (RFC 9106), client secrets and initial access tokens by SHA-256. Compared in constant time. */
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { keyOf } from '../authorization/secrets.ts';

const derive = promisify(argon2);

/** OWASP's first choice of cost for a server: 19 MiB, two passes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
/** Above these a hash that somebody wrote into a file could stop the server. */
const MOST = { memory: 1_048_576, passes: 32, parallelism: 16 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

interface ParsedHash {
  parameters: Omit<Argon2Parameters, 'message'>;
  tag: Buffer;
}

/** `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, with a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', { ...COST, message: password, nonce: salt, tagLength: TAG_BYTES });
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether a string is an argon2id hash in PHC form of a bearable cost. */
export const isPasswordHash = (phc: string): boolean => parse(phc) !== undefined;

/**
 * Whether the password is the hashed one. Without a hash (no such person, or one who has no password) the answer is false and
 * takes as long as with one of {@link hashPassword}.
 */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
  const known = phc === undefined ? undefined : parse(phc);
  const { parameters, tag } = known ?? NOBODY;
  const computed = await derive('argon2id', { ...parameters, message: password });
  return timingSafeEqual(computed, tag) && known !== undefined;
}

const NOBODY: ParsedHash = {
  parameters: { ...COST, nonce: Buffer.alloc(SALT_BYTES), tagLength: TAG_BYTES },
  tag: Buffer.alloc(TAG_BYTES),
};

function parse(phc: string): ParsedHash | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (match === null) return undefined;
  const [memory, passes, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
  const [nonce, tag] = match.slice(4).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer];
  const bearable =
    passes >= 1 &&
    passes <= MOST.passes &&
    parallelism >= 1 &&
    parallelism <= MOST.parallelism &&
    memory >= 8 * parallelism &&
    memory <= MOST.memory &&
    nonce.length >= 8 &&
    tag.length >= 16 &&
    tag.length <= 64;
  return bearable ? { parameters: { memory, passes, parallelism, nonce, tagLength: tag.length }, tag } : undefined;
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** Whether `presented` is the secret with this hash ({@link keyOf}): for long random secrets; too quick for passwords. */
export function isSecret(presented: string, secretHash: string): boolean {
  const [a, b] = [Buffer.from(keyOf(presented)), Buffer.from(secretHash)];
  return a.length === b.length && timingSafeEqual(a, b);
}
