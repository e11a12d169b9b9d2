/** Passwords as argon2id in PHC form (RFC 9106), imported ones also as PBKDF2, client secrets and initial access tokens by SHA-256. Compared in constant time. */
import { type Argon2Parameters, argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { keyOf } from '../authorization/secrets.ts';

const derive = promisify(argon2);
const derivePbkdf2 = promisify(pbkdf2);

/** Of the costs that OWASP holds for equal, the one with the least memory: the C library keeps what each thread once had. */
const COST = { memory: 7168, passes: 5, parallelism: 1 };
/** Above these a hash that somebody wrote into a file could stop the server. */
const MOST = { memory: 1_048_576, passes: 32, parallelism: 16, iterations: 5_000_000 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

interface ParsedHash {
  compute(password: string): Promise<Buffer>;
  tag: Buffer;
}

/** `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, with a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', { ...COST, message: password, nonce: salt, tagLength: TAG_BYTES });
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether a string is an argon2id (`$argon2id$v=19$...`) or PBKDF2 (`$pbkdf2-sha256$i=ITERATIONS$SALT$TAG`) hash of a bearable cost. */
export const isPasswordHash = (phc: string): boolean => parse(phc) !== undefined;

/**
 * Whether the password is the hashed one. Without a hash (no such person, or one who has no password) the answer is false and
 * takes as long as with `decoy`, or with one of {@link hashPassword}.
 */
export async function verifyPassword(password: string, phc: string | undefined, decoy?: string): Promise<boolean> {
  const known = phc === undefined ? undefined : parse(phc);
  const { compute, tag } = known ?? (decoy === undefined ? undefined : parse(decoy)) ?? NOBODY;
  const computed = await compute(password);
  return timingSafeEqual(computed, tag) && known !== undefined;
}

const byArgon2id = (parameters: Omit<Argon2Parameters, 'message'>) => (password: string) =>
  derive('argon2id', { ...parameters, message: password });

const NOBODY: ParsedHash = {
  compute: byArgon2id({ ...COST, nonce: Buffer.alloc(SALT_BYTES), tagLength: TAG_BYTES }),
  tag: Buffer.alloc(TAG_BYTES),
};

function parse(phc: string): ParsedHash | undefined {
  return parsePbkdf2(phc) ?? parseArgon2id(phc);
}

function parsePbkdf2(phc: string): ParsedHash | undefined {
  const match = /^\$pbkdf2-(sha1|sha256|sha512)\$i=(\d{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (match === null) return undefined;
  const [, digest, iterations, salt, tag] = match as unknown as [string, string, string, string, string];
  const [nonce, expected] = [Buffer.from(salt, 'base64'), Buffer.from(tag, 'base64')];
  const rounds = Number(iterations);
  if (rounds < 1 || rounds > MOST.iterations || expected.length < 16 || expected.length > 512) return undefined;
  return { compute: (password) => derivePbkdf2(password, nonce, rounds, expected.length, digest), tag: expected };
}

function parseArgon2id(phc: string): ParsedHash | undefined {
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
  if (!bearable) return undefined;
  return { compute: byArgon2id({ memory, passes, parallelism, nonce, tagLength: tag.length }), tag };
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** Whether `presented` is the secret with this hash ({@link keyOf}): for long random secrets; too quick for passwords. */
export function isSecret(presented: string, secretHash: string): boolean {
  const [a, b] = [Buffer.from(keyOf(presented)), Buffer.from(secretHash)];
  return a.length === b.length && timingSafeEqual(a, b);
}
