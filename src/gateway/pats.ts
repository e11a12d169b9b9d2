/** PATs: one for each owner, renewed before its end and shared by all requests (UMA Federated Authorization 1.3). */
import type { Connection } from '../client/connection.ts';
import { patOf, ResourceServer } from '../client/resource-server.ts';
import type { TokenCache, TokenSource } from '../client/tokens.ts';
import { UmaError } from '../protocol/errors.ts';
import { type ClientCredentials, clientAuthentication, formPost } from '../protocol/http.ts';
import type { Vault } from './vault.ts';

/** Where PATs come from: of owners who connected, given by hand for one owner, or the client's own. */
export type PatMode =
  | { mode: 'owners' }
  | { mode: 'given'; pat: string; owner: string | undefined }
  | { mode: 'client' };

/** Seconds before its end from which a PAT counts as gone. */
const MARGIN = 30;

/** Tokens in memory: PATs are never written down. `now` in seconds. */
export function memoryCache(now: () => number): TokenCache {
  const items = new Map<string, { value: unknown; expires_at: number }>();
  const name = (key: readonly string[]) => JSON.stringify(key);
  return {
    async get(key) {
      const item = items.get(name(key));
      // A short life must not mean a new PAT for every request.
      return item !== undefined && item.expires_at > now() ? item.value : undefined;
    },
    async put(key, item) {
      const life = item.expires_at - now();
      items.set(name(key), { ...item, expires_at: item.expires_at - Math.min(MARGIN, life / 4) });
    },
    async forget(key) {
      items.delete(name(key));
    },
  };
}

export class Pats {
  readonly #connection: Connection;
  readonly #client: ClientCredentials;
  readonly #vault: Vault;
  readonly #mode: PatMode;
  readonly #servers = new Map<string, ResourceServer>();

  constructor(connection: Connection, client: ClientCredentials, vault: Vault, mode: PatMode) {
    this.#connection = connection;
    this.#client = client;
    this.#vault = vault;
    this.#mode = mode;
  }

  /** The resource server's role for that owner, or undefined when there is no PAT for it to be had. */
  serverFor(owner: string | undefined): ResourceServer | undefined {
    const source = this.#sourceFor(owner);
    if (source === undefined) return undefined;
    const name = owner ?? '';
    let server = this.#servers.get(name);
    if (server === undefined) {
      server = new ResourceServer(this.#connection, this.#client, source, `${owner ?? this.#client.id}'s PAT`);
      this.#servers.set(name, server);
    }
    return server;
  }

  #sourceFor(owner: string | undefined): TokenSource | undefined {
    const mode = this.#mode;
    if (mode.mode === 'client') return patOf(this.#connection, this.#client, { grant: 'client_credentials' });
    if (mode.mode === 'given') return owner === mode.owner ? { given: mode.pat } : undefined;
    if (owner === undefined || !this.#vault.owners().includes(owner)) return undefined;
    return { key: ['pat', this.#client.id, owner], fetch: () => this.#refresh(owner) };
  }

  async #refresh(owner: string) {
    const refresh_token = this.#vault.refreshToken(owner);
    if (refresh_token === undefined)
      throw new UmaError('authentication', 'not_connected', `${owner} is not connected: /.uma/connect`);
    const endpoint = await this.#connection.endpoint('token_endpoint');
    const { headers, members } = clientAuthentication(this.#client);
    const request = formPost(endpoint, { ...members, grant_type: 'refresh_token', refresh_token }, headers);
    const exchange = await this.#connection.exchange(request);
    try {
      const answer = this.#connection.dialect.tokens.readToken(exchange, `no PAT for ${owner}`, this.#connection.note);
      if (answer.refresh_token !== undefined && answer.refresh_token !== refresh_token)
        await this.#vault.keepOwner(owner, answer.refresh_token, this.#connection.now());
      return answer;
    } catch (error) {
      if (error instanceof UmaError && error.code === 'invalid_grant') await this.#vault.forgetOwner(owner);
      throw error;
    }
  }
}
