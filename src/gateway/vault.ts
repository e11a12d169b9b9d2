/** What survives a restart: owners' refresh tokens (encrypted) and the resources registered for them. One file, replaced as a whole. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UmaError } from '../protocol/errors.ts';
import { isObject } from '../protocol/http.ts';

/** A protected thing that is known at the AS. */
export interface Share {
  /** Of this gateway; in addresses of the share list. */
  id: string;
  /** `Subject.key`. */
  key: string;
  /** Undefined: of the resource server itself. */
  owner?: string;
  name: string;
  scopes: string[];
  /** At the AS; absent once the share is withdrawn. */
  resource_id?: string;
  user_access_policy_uri?: string;
  /** Withdrawn by its owner: refused to everybody until it is shared again. */
  withdrawn?: boolean;
}

interface KeptOwner {
  /** AES-256-GCM: nonce, tag and text in base64url, with issuer and owner as associated data. */
  sealed: string;
  connected_at: number;
}

interface Content {
  issuer: string;
  owners: Record<string, KeptOwner>;
  shares: Share[];
}

const FILE = 'gateway.json';
const KEY_FILE = 'gateway.key';

export class Vault {
  readonly #path: string | undefined;
  readonly #key: Buffer;
  readonly #content: Content;
  readonly #byKey = new Map<string, Share>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string | undefined, key: Buffer, content: Content) {
    this.#path = path;
    this.#key = key;
    this.#content = content;
    for (const share of content.shares) this.#byKey.set(share.key, share);
  }

  /**
   * Without a `directory` everything is forgotten at the end. `key` is 32 bytes in base64, base64url or hex; without it the
   * directory's own key file is used, made with mode 0600 when there is none.
   * @throws UmaError of category `config`: `invalid_key`, `key_readable`, `wrong_key`, `state_unusable` (also for another issuer's).
   */
  static async open(options: {
    issuer: string;
    directory?: string | undefined;
    key?: string | undefined;
  }): Promise<Vault> {
    const { issuer, directory } = options;
    const fresh: Content = { issuer, owners: Object.create(null) as Record<string, KeptOwner>, shares: [] };
    const given = options.key === undefined ? undefined : keyFrom(options.key);
    if (directory === undefined) return new Vault(undefined, given ?? randomBytes(32), fresh);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const key = given ?? (await keyFile(join(directory, KEY_FILE)));
    const path = join(directory, FILE);
    const vault = new Vault(path, key, (await readContent(path, issuer)) ?? fresh);
    // A wrong key has to show at the start, not at the first request.
    for (const owner of vault.owners()) vault.refreshToken(owner);
    return vault;
  }

  owners(): string[] {
    return Object.keys(this.#content.owners);
  }

  /** @throws UmaError `wrong_key` (config). */
  refreshToken(owner: string): string | undefined {
    const kept = this.#content.owners[owner];
    if (kept === undefined) return undefined;
    const bytes = Buffer.from(kept.sealed, 'base64url');
    const cipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12), { authTagLength: 16 });
    cipher.setAAD(this.#context(owner)).setAuthTag(bytes.subarray(12, 28));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString('utf8');
    } catch {
      throw new UmaError('config', 'wrong_key', `the key does not open what is kept for the owner ${owner}`, {
        hint: 'use the key that the gateway had before (UMA_GATEWAY_KEY or gateway.key), or remove gateway.json and connect again',
      });
    }
  }

  keepOwner(owner: string, refreshToken: string, now: number): Promise<void> {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: 16 });
    cipher.setAAD(this.#context(owner));
    const text = Buffer.concat([cipher.update(refreshToken, 'utf8'), cipher.final()]);
    const sealed = Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    const connected_at = this.#content.owners[owner]?.connected_at ?? Math.floor(now);
    this.#content.owners[owner] = { sealed, connected_at };
    return this.#write();
  }

  /** The AS does not take the refresh token any more: she has to connect again. */
  forgetOwner(owner: string): Promise<void> {
    delete this.#content.owners[owner];
    return this.#write();
  }

  share(key: string): Share | undefined {
    return this.#byKey.get(key);
  }

  shares(): Share[] {
    return [...this.#byKey.values()];
  }

  keepShare(share: Share): Promise<void> {
    this.#byKey.set(share.key, share);
    return this.#write();
  }

  #context(owner: string): Buffer {
    return Buffer.from(JSON.stringify([this.#content.issuer, owner]));
  }

  #write(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return Promise.resolve();
    const writing = this.#writing.then(async () => {
      const text = `${JSON.stringify({ ...this.#content, shares: this.shares() }, null, 2)}\n`;
      const fresh = `${path}.${randomBytes(6).toString('hex')}`;
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(text);
        // A refresh token that was rotated and is lost cannot be had again.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    });
    this.#writing = writing.catch(() => {});
    return writing;
  }
}

function keyFrom(text: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64');
  if (key.length === 32) return key;
  throw new UmaError('config', 'invalid_key', 'the key of the gateway is not 32 bytes in base64 or hex', {
    hint: 'make one: openssl rand -base64 32',
  });
}

async function keyFile(path: string): Promise<Buffer> {
  try {
    await writeFile(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, error);
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new UmaError('config', 'key_readable', `${path} can be read by others`, { hint: `chmod 600 ${path}` });
  }
  return keyFrom(await readFile(path, 'utf8'));
}

async function readContent(path: string, issuer: string): Promise<Content | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable(path, error);
  }
  if (!isObject(value) || !isObject(value.owners) || !Array.isArray(value.shares))
    throw unusable(path, new Error('it is not a state of this gateway'));
  if (value.issuer !== issuer) {
    throw new UmaError('config', 'state_unusable', `${path} is about ${String(value.issuer)}, not about ${issuer}`, {
      hint: 'give another --data directory for another authorization server',
    });
  }
  const owners = Object.assign(Object.create(null), value.owners) as Record<string, KeptOwner>;
  return { issuer, owners, shares: value.shares as Share[] };
}

const unusable = (path: string, cause: unknown): UmaError =>
  new UmaError('config', 'state_unusable', `${path} cannot be used: ${(cause as Error).message}`, { cause });
