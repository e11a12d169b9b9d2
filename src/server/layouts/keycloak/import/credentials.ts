/** Passwords as Keycloak keeps them (`credentialData`, `secretData`), as hashes that this server checks. */
import { isPasswordHash } from '../../../config/passwords.ts';
import type { Reader } from './reader.ts';

/** One person's credentials. At most one of the first two. */
export interface Credentials {
  plain?: string;
  hash?: string;
  /** A password alone is not enough. */
  more?: true;
  /** In words, what cannot be taken over. */
  faults: string[];
}

const PBKDF2: Readonly<Record<string, string>> = {
  pbkdf2: 'sha1',
  'pbkdf2-sha256': 'sha256',
  'pbkdf2-sha512': 'sha512',
};

export function readCredentials(list: readonly Reader[]): Credentials {
  const found: Credentials = { faults: [] };
  for (const credential of list) {
    const type = credential.text('type') ?? 'password';
    credential.ignore('id', 'createdDate', 'userLabel', 'temporary', 'priority', 'salt', 'version');
    if (type === 'otp' || type === 'totp' || type === 'hotp' || type === 'webauthn') found.more = true;
    if (type !== 'password') {
      credential.ignore('value', 'secretData', 'credentialData');
      found.faults.push(`credentials of type ${type}`);
      continue;
    }
    const value = credential.text('value');
    const hash = phc(credential.json('secretData'), credential.json('credentialData'));
    if (value !== undefined) found.plain = value;
    else if (hash !== undefined && isPasswordHash(hash)) found.hash = hash;
    else found.faults.push('a password hash of an unknown kind');
    credential.finish();
  }
  return found;
}

interface Secret {
  value?: string;
  salt?: string;
}
interface Settings {
  algorithm?: string;
  hashIterations?: number;
  additionalParameters?: Record<string, string[] | undefined>;
}

/** `$pbkdf2-...` or `$argon2id$...`; undefined for anything else. */
function phc(secretData: unknown, credentialData: unknown): string | undefined {
  const { value, salt } = (secretData ?? {}) as Secret;
  const { algorithm = '', hashIterations, additionalParameters = {} } = (credentialData ?? {}) as Settings;
  if (value === undefined || salt === undefined || hashIterations === undefined) return undefined;
  const [nonce, tag] = [salt, value].map((text) => text.replace(/=+$/, ''));
  const digest = PBKDF2[algorithm];
  if (digest !== undefined) return `$pbkdf2-${digest}$i=${hashIterations}$${nonce}$${tag}`;
  const { type, version, memory, parallelism } = Object.fromEntries(
    Object.entries(additionalParameters).map(([name, values]) => [name, values?.[0]]),
  );
  if (algorithm !== 'argon2' || (type ?? 'id') !== 'id' || (version ?? '1.3') !== '1.3') return undefined;
  return `$argon2id$v=19$m=${memory ?? 7168},t=${hashIterations},p=${parallelism ?? 1}$${nonce}$${tag}`;
}
