/**
 * Signing keys as a store keeps them: sealed (JWE, `dir`, A256GCM) with a key that is not in it. Whoever gets at the database alone, a
 * copy, a backup, a dump, can sign nothing and make no cookie. The key of a data directory is a file in it, made at the first
 * start; several servers on one database are given theirs.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { UmaError } from '../../protocol/errors.ts';
import { readPrivate } from '../private-file.ts';
import type { StorePlace } from './open.ts';
import type { KeyRecord } from './types.ts';

export interface KeySeal {
  close(record: KeyRecord): Promise<KeyRecord>;
  /** One that was not sealed yet comes back as it is. @throws UmaError `store_key_wrong` (config) for one that was sealed with another key. */
  open(record: KeyRecord): Promise<KeyRecord>;
}

/** In the data directory. */
export const KEY_FILE = 'uma.key';

/**
 * The seal of a place, undefined for memory. For a directory without a key one is made.
 * @throws UmaError of category `config`: `invalid_store_key`, `file_open_to_others`, `store_unusable`.
 */
export function keySeal({ dataDir, key, readableFiles: readable }: Omit<StorePlace, 'store'>): KeySeal | undefined {
  if (key !== undefined) return sealWith(keyFrom(key));
  return dataDir === undefined ? undefined : sealWith(keyFrom(keyOfDirectory(join(dataDir, KEY_FILE), readable)));
}

/** As {@link keySeal}, and makes nothing: undefined also for a directory that has no key yet. */
export function existingSeal(place: Omit<StorePlace, 'store'>): KeySeal | undefined {
  const { dataDir, key } = place;
  return key === undefined && (dataDir === undefined || !existsSync(join(dataDir, KEY_FILE)))
    ? undefined
    : keySeal(place);
}

/** @throws UmaError `store_key_missing` (config): there is no directory where a key could lie that all servers of the database share. */
export function requireKey({ store, key }: StorePlace): void {
  if (store === undefined || key !== undefined) return;
  throw new UmaError(
    'config',
    'store_key_missing',
    'a shared database does not hold the key that seals its signing keys',
    {
      hint: 'make one for all servers: `(umask 077; openssl rand -base64 32 > store.key)`, then --store-key-file store.key, or UMA_STORE_KEY',
    },
  );
}

/** @param record as the store has it. */
export const isSealed = ({ jwk }: KeyRecord): boolean => typeof jwk.jwe === 'string';

export async function opened(record: KeyRecord, seal: KeySeal | undefined): Promise<KeyRecord> {
  if (!isSealed(record)) return record;
  if (seal === undefined) throw wrongKey();
  return seal.open(record);
}

function sealWith(key: Buffer): KeySeal {
  return {
    async close({ kid, jwk, created_at }) {
      const text = new TextEncoder().encode(JSON.stringify(jwk));
      // The header is authenticated: a sealed key is good under its own name only.
      const jwe = await new CompactEncrypt(text).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid }).encrypt(key);
      return { kid, jwk: { alg: jwk.alg, jwe }, created_at };
    },
    async open(record) {
      if (!isSealed(record)) return record;
      try {
        const { plaintext, protectedHeader } = await compactDecrypt(record.jwk.jwe as string, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        if (protectedHeader.kid !== record.kid) throw new Error('sealed under another name');
        return { ...record, jwk: JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown> };
      } catch (cause) {
        throw wrongKey(cause);
      }
    },
  };
}

const wrongKey = (cause?: unknown): UmaError =>
  new UmaError('config', 'store_key_wrong', 'the signing keys of the store were sealed with another key', {
    hint: `bring back the file ${KEY_FILE}, --store-key-file or UMA_STORE_KEY of before; if it is lost: uma serve keys rotate --drop-old`,
    cause,
  });

function keyFrom(text: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64');
  if (key.length === 32) return key;
  throw new UmaError('config', 'invalid_store_key', 'the key of the store is not 32 bytes in base64 or hex', {
    hint: 'make one: openssl rand -base64 32',
  });
}

/** Written whole before it has its name: of several processes that start at once all end with the key of the first. */
function keyOfDirectory(path: string, readable: boolean | undefined): string {
  const holds = 'the key that seals the signing keys';
  try {
    return readPrivate(path, { holds, readable });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(path, error);
  }
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(fresh, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(fresh, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, error);
  } finally {
    rmSync(fresh, { force: true });
  }
  return readPrivate(path, { holds, readable });
}

function unusable(path: string, error: unknown): unknown {
  if (error instanceof UmaError) return error;
  return new UmaError('config', 'store_unusable', `${path} cannot be used: ${(error as Error).message}`, {
    cause: error,
  });
}
