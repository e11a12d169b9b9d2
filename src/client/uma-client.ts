/** The library's client: one object that plays the roles of the flow against one AS, for test suites. */
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials, Send } from '../protocol/http.ts';
import type { Introspection } from '../protocol/introspection.ts';
import type { EndpointName } from '../protocol/metadata.ts';
import type { Outcome } from '../protocol/outcome.ts';
import type { RevocationAnswer } from '../protocol/owner.ts';
import type { RequestedPermission } from '../protocol/permission.ts';
import type { ResourceDescription } from '../protocol/resource.ts';
import type { Ask } from '../protocol/resource-request.ts';
import { Connection } from './connection.ts';
import type { SeenRequest } from './dialects/dialect.ts';
import { fetchAsk, fetchSend } from './fetch-send.ts';
import { fetchProtected, mayReceive } from './protected-resource.ts';
import { claimTokenIn, claimTokenOf, requestRpt } from './requesting-party.ts';
import { type OwnerApi, ownerApi, ownerTokenOf } from './resource-owner.ts';
import { type Person, patOf, ResourceServer } from './resource-server.ts';
import { obtain, type TokenCache } from './tokens.ts';

export type { Introspection, Outcome, RequestedPermission, ResourceDescription, RevocationAnswer, SeenRequest, Send };
export { UmaError };

/** A client at the AS. `method` defaults to `client_secret_basic`, without a secret to `none`. */
export interface ClientAccount {
  id: string;
  secret?: string;
  method?: ClientCredentials['method'];
}

export interface UmaClientOptions {
  /** Exactly as the server writes it. */
  issuer: string;
  /** The resource server's client. */
  resourceServer: ClientAccount;
  /** The requesting party's client. */
  client: ClientAccount;
  /** The public client of the owner's sign-in; default `uma-cli`. */
  app?: ClientAccount;
  /** Login names and passwords of everybody who takes part. */
  people: Readonly<Record<string, string>>;
  /** Endpoints given by hand; they win over discovery. */
  endpoints?: Partial<Record<EndpointName, string>>;
  /** Default `auto`. */
  dialect?: string;
  /** Origins of resource servers that RPTs may go to where the AS does not confirm them; those on this machine need not be named. */
  resourceServers?: readonly string[];
  /** Carries requests to the AS; default: `fetchSend()`. */
  send?: Send;
  /** Carries requests to protected resources; default: the built-in `fetch`. */
  ask?: Ask;
}

/** A protected resource was given: the resource server's own answer. */
export interface ResourceResponse {
  kind: 'answer';
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  text(): string;
}

/**
 * Drives the flow (UMA Grant 1.2). Tokens of the people are fetched by the password grant when they are needed, and kept in memory.
 * Every method throws `UmaError`: the server's refusal, `network`, or `unknown_person` (usage).
 */
export class UmaClient {
  readonly issuer: string;
  readonly #connection: Connection;
  readonly #ask: Ask;
  readonly #people: Readonly<Record<string, string>>;
  readonly #rs: ClientCredentials;
  readonly #client: ClientCredentials;
  readonly #app: ClientCredentials;
  readonly #resourceServers: readonly string[];
  readonly #rpts = new Map<string, string>();

  constructor(options: UmaClientOptions) {
    const { issuer, send = fetchSend(), ask = fetchAsk(), people, endpoints = {}, dialect = 'auto' } = options;
    this.issuer = issuer;
    this.#connection = new Connection({ issuer, send, endpoints, dialect, cache: memoryCache() });
    this.#ask = ask;
    this.#people = people;
    this.#resourceServers = options.resourceServers ?? [];
    this.#rs = credentials(options.resourceServer);
    this.#client = credentials(options.client);
    this.#app = credentials(options.app ?? { id: 'uma-cli' });
  }

  /** A PAT of the resource server's client for `owner`. */
  async pat(owner: string): Promise<string> {
    const { answer } = await obtain(this.#connection, this.#patOf(owner));
    return answer.access_token;
  }

  /** Registers a resource of `owner`; its id (UMA Federated Authorization 3.2.1). */
  async register(owner: string, description: ResourceDescription): Promise<string> {
    return (await this.#asServer(owner).register(description))._id;
  }

  /** A permission ticket, as the resource server gets it for whoever came without a token (UMA Federated Authorization 4). */
  async ticket(owner: string, ...permissions: RequestedPermission[]): Promise<string> {
    return (await this.#asServer(owner).ticket(permissions)).ticket;
  }

  /** Trades ticket and the claims of `party` for an RPT: one of the four outcomes (UMA Grant 3.3). */
  async rpt(
    party: string,
    ticket: string,
    options: { scope?: readonly string[]; rpt?: string; resource?: string } = {},
  ): Promise<Outcome> {
    const source = claimTokenOf(this.#connection, this.#client, this.#person(party));
    const claims = claimTokenIn((await obtain(this.#connection, source)).answer);
    return requestRpt(this.#connection, this.#client, { ticket, ...claims, ...options });
  }

  /** What an RPT is good for, as the resource server sees it (UMA Federated Authorization 5). */
  introspect(owner: string, rpt: string): Promise<Introspection> {
    return this.#asServer(owner).introspect(rpt);
  }

  /** Requests that wait for the owner. */
  async requests(owner: string): Promise<SeenRequest[]> {
    return (await this.#asOwner(owner)).requests({ status: 'pending' });
  }

  /** Approves what waits for the owner, or these requests of it; how many. `scopes`: only these. */
  async approve(owner: string, options: { ids?: readonly string[]; scopes?: string[] } = {}): Promise<number> {
    const api = await this.#asOwner(owner);
    const ids = options.ids ?? (await api.requests({ status: 'pending' })).map(({ id }) => id);
    const decision = options.scopes === undefined ? {} : { scopes: options.scopes };
    for (const id of ids) await api.approve(id, decision);
    return ids.length;
  }

  /** Denies what waits for the owner, or these requests of it; how many. */
  async deny(owner: string, options: { ids?: readonly string[] } = {}): Promise<number> {
    const api = await this.#asOwner(owner);
    const ids = options.ids ?? (await api.requests({ status: 'pending' })).map(({ id }) => id);
    for (const id of ids) await api.deny(id);
    return ids.length;
  }

  /** Takes back everything that `party`, or everybody, may do with a resource. */
  async revoke(owner: string, resource_id: string, party?: string): Promise<RevocationAnswer> {
    const api = await this.#asOwner(owner);
    if (party === undefined) return api.revoke({ resource_id });
    const known = await api.person(party);
    if (known === undefined) throw unknownPerson(party, 'the server knows nobody of that name');
    return api.revoke({ resource_id, party: known });
  }

  /**
   * A protected resource for `party`, through every step: try, ticket, claims, RPT, try again. The resource server's answer, or the
   * outcome that stands between. RPTs are kept for each party and origin.
   * @throws UmaError `untrusted_as` (config) when the challenge names another AS; `untrusted_rs` (config); as `fetchProtected`.
   */
  async get(
    party: string,
    url: string,
    init: {
      method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
      headers?: Record<string, string>;
      body?: string;
    } = {},
  ): Promise<ResourceResponse | Exclude<Outcome, { kind: 'granted' }>> {
    const { origin } = new URL(url);
    const key = `${party} ${origin}`;
    const { method = 'GET', headers = {}, body } = init;
    const resourceServers = this.#resourceServers;
    const fetched = await fetchProtected({
      request: { method, url, headers, ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }) },
      ask: this.#ask,
      rpts: {
        get: async () => this.#rpts.get(key),
        put: async ({ rpt }) => void this.#rpts.set(key, rpt),
        forget: async () => void this.#rpts.delete(key),
      },
      checkTrust: (as_uri) => {
        if (as_uri === this.issuer) return;
        throw new UmaError(
          'config',
          'untrusted_as',
          `${origin} names the AS ${as_uri}, not ${this.issuer}: nothing was sent`,
        );
      },
      async checkResourceServer(pair) {
        if (mayReceive(pair, resourceServers)) return;
        throw new UmaError(
          'config',
          'untrusted_rs',
          `${origin} is not one of \`resourceServers\`: no RPT is sent there`,
        );
      },
      redeem: ({ ticket, rpt, resource }) =>
        this.rpt(party, ticket, { resource, ...(rpt === undefined ? {} : { rpt }) }),
    });
    if (fetched.kind === 'outcome') return fetched.outcome;
    const { status, headers: fields, body: stream } = fetched.answer;
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part);
    const content = Buffer.concat(parts);
    return { kind: 'answer', status, headers: fields, body: content, text: () => content.toString('utf8') };
  }

  #person(name: string): Person {
    const password = Object.hasOwn(this.#people, name) ? this.#people[name] : undefined;
    if (password === undefined) throw unknownPerson(name, '`people` has no such member');
    return { name, password: async () => password };
  }

  #patOf(owner: string) {
    return patOf(this.#connection, this.#rs, { grant: 'password', owner: this.#person(owner) });
  }

  #asServer(owner: string): ResourceServer {
    return new ResourceServer(this.#connection, this.#rs, this.#patOf(owner), `${owner}'s PAT (client ${this.#rs.id})`);
  }

  async #asOwner(owner: string): Promise<OwnerApi> {
    await this.#connection.find('resource_owner_endpoint');
    const app = this.#connection.dialect.owner.signsInWith === 'rs' ? this.#rs : this.#app;
    return ownerApi(this.#connection, ownerTokenOf(this.#connection, app, this.#person(owner)));
  }
}

const unknownPerson = (name: string, why: string) =>
  new UmaError('usage', 'unknown_person', `"${name}" is not known: ${why}`);

function credentials({ id, secret, method }: ClientAccount): ClientCredentials {
  return { id, secret, method: method ?? (secret === undefined ? 'none' : 'client_secret_basic') };
}

function memoryCache(): TokenCache {
  const kept = new Map<string, { value: unknown; expires_at: number }>();
  const id = (key: readonly string[]) => JSON.stringify(key);
  return {
    async get(key) {
      const item = kept.get(id(key));
      return item === undefined || item.expires_at - 30 <= Date.now() / 1000 ? undefined : item.value;
    },
    put: async (key, item) => void kept.set(id(key), item),
    forget: async (key) => void kept.delete(id(key)),
  };
}
