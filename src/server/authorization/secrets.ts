/** Random handles for tickets, RPTs, PCTs and refresh tokens, and the form in which stores know them. */
import { hash, randomBytes } from 'node:crypto';

/** 256 random bits, base64url (GRANT-5.4-01, GRANT-3.3.5-05). */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** 128 random bits, base64url: ids that are no secret but must not be guessed (ATK-15). */
export const newId = (): string => randomBytes(16).toString('base64url');

/** The key under which a store keeps a secret: what is stolen from a store redeems nothing. */
export const keyOf = (secret: string): string => hash('sha256', secret, 'base64url');
