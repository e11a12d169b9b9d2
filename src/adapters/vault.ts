/**
 * How secrets and tokens lie in the files of the configuration directory (0600): sealed under a key that the operating system's
 * keyring holds, or as they are where no keyring answers. One key instead of an entry for each secret: Windows takes no more than
 * 2560 bytes in one, less than many a token, and a command asks the keyring once at most.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';
import type { Keyring } from './keyring.ts';

export const STORAGES = ['keyring', 'file'] as const;
export type Storage = (typeof STORAGES)[number];

/** A text as it stands in a file. */
export type Kept = string | { sealed: string };

export interface Vault {
  /**
   * `about` says whose it is: what was sealed about one thing does not open as another. What belongs to a server on this machine
   * (`issuer` on loopback: the walkthrough, a test) stays as it is, unless the keyring was asked for.
   * @throws UmaError `no_keyring` (config).
   */
  protect(secret: string, about: string, issuer: string | undefined): Promise<Kept>;
  /** @throws UmaError `no_keyring` (config): the keyring does not answer, or holds another key. */
  reveal(kept: Kept, about: string): Promise<string>;
}

export interface VaultOptions {
  keyring(): Promise<Keyring>;
  /** What was chosen on this machine before, and how to keep a choice. */
  remembered(): Promise<Storage | undefined>;
  remember(storage: Storage): Promise<void>;
  /** Chosen for this call (UMA_STORAGE). @throws UmaError for a value that is none. */
  asked(): Storage | undefined;
  /** `--insecure-storage`: files, from now on, without a warning. */
  insecure: boolean;
  /** Told once, when nothing better than files was found. */
  warn(text: string): void;
  /** The name of the key in the keyring: each configuration directory has its own. */
  name: string;
}

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

export function makeVault(options: VaultOptions): Vault {
  let known: Promise<Buffer | undefined> | undefined;
  let storage: Promise<Storage> | undefined;

  /** The key, or undefined where the keyring has none. */
  const key = () => {
    known ??= options
      .keyring()
      .then((keyring) => keyring.get(options.name))
      .then((text) => (text === undefined ? undefined : Buffer.from(text, 'base64url')));
    return known;
  };
  const madeKey = async (): Promise<Buffer> => {
    const before = await key();
    if (before !== undefined) return before;
    const fresh = randomBytes(32);
    const keyring = await options.keyring();
    await keyring.set(options.name, fresh.toString('base64url'));
    // Two first commands at once: the one that came last has won.
    known = undefined;
    return (await key()) ?? fresh;
  };
  // Where nothing can be written, the next command chooses again.
  const remember = (chosen: Storage) => options.remember(chosen).catch(() => {});
  const choose = async (): Promise<Storage> => {
    if (options.insecure) {
      await remember('file');
      return 'file';
    }
    const chosen = options.asked() ?? (await options.remembered());
    if (chosen !== undefined) return chosen;
    try {
      await madeKey();
      await remember('keyring');
      return 'keyring';
    } catch (error) {
      options.warn(
        `no keyring here (${(error as Error).message.split('\n')[0]}): secrets and tokens are kept in files that only you can read; --insecure-storage says so without this line`,
      );
      await remember('file');
      return 'file';
    }
  };

  return {
    async protect(secret, about, issuer) {
      const here = issuer !== undefined && URL.canParse(issuer) && isLoopback(issuer);
      if (here && (options.insecure || options.asked() !== 'keyring')) return secret;
      storage ??= choose();
      if ((await storage) === 'file') return secret;
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(CIPHER, await madeKey().catch(noKeyring), nonce).setAAD(Buffer.from(about));
      const text = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { sealed: text.toString('base64url') };
    },
    async reveal(kept, about) {
      if (typeof kept === 'string') return kept;
      const sealed = Buffer.from(kept.sealed, 'base64url');
      const found = await key().catch(noKeyring);
      if (found === undefined) return noKeyring(new Error('it holds no key of uma'));
      try {
        const opener = createDecipheriv(CIPHER, found, sealed.subarray(0, NONCE), { authTagLength: TAG })
          .setAAD(Buffer.from(about))
          .setAuthTag(sealed.subarray(-TAG));
        return Buffer.concat([opener.update(sealed.subarray(NONCE, -TAG)), opener.final()]).toString('utf8');
      } catch {
        return noKeyring(new Error('its key is not the one that sealed this'));
      }
    },
  };
}

export function isKept(value: unknown): value is Kept {
  return typeof value === 'string' || (isObject(value) && typeof value.sealed === 'string');
}

function noKeyring(error: Error): never {
  const why = error.message.split('\n')[0];
  throw new UmaError(
    'config',
    'no_keyring',
    `the keyring that secrets and tokens were sealed by cannot be used: ${why}`,
    {
      hint: 'unlock it and try again, or give secrets anew: uma login, uma profile add --insecure-storage',
      cause: error,
    },
  );
}
