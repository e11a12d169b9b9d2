/** The port that keeps tokens which a command fetched for itself, so that the next command does not sign in again. */
import type { TokenAnswer } from './token.ts';

/** What makes two tokens the same one. `person` is empty where the client acts for itself. */
export interface TokenKey {
  issuer: string;
  client_id: string;
  person: string;
  purpose: 'pat' | 'claim' | 'owner';
  scope: string;
}

export interface CachedToken {
  answer: TokenAnswer;
  /** Seconds since the epoch. */
  expires_at: number;
}

export interface TokenCache {
  /** The token as written, also one that has expired since; undefined when there is none. */
  read(key: TokenKey): Promise<CachedToken | undefined>;
  /** Replaces what was there. */
  write(key: TokenKey, token: CachedToken): Promise<void>;
  /** Does nothing where there is no such token. */
  remove(key: TokenKey): Promise<void>;
}
