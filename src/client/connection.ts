/**
 * client/: the three roles that talk to an authorization server (AS): resource server (UMA Federated Authorization 3 to 5), requesting
 * party's client (UMA Grant 3.3) and resource owner (our extension, protocol/owner.ts); discovery (UMA Grant 2, RFC 8414); dialects/.
 * All HTTP goes through the port `Send`; no files, no terminal. Imports protocol and wire, never server.
 *
 * This file: one AS as the roles see it: its endpoints, found or given by hand, its dialect, and the caches around them.
 */
import type { HttpExchange, HttpRequest, Send } from '../protocol/http.ts';
import type { EndpointName, PartialMetadata } from '../protocol/metadata.ts';
import type { Dialect, Note } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import { MetadataSearch } from './discovery.ts';
import type { TokenCache } from './tokens.ts';

export interface ConnectionOptions {
  /** Exactly as the server writes it. */
  issuer: string;
  send: Send;
  /** Endpoints given by hand. They win over discovery, which does not happen while they are enough. */
  endpoints?: Partial<Record<EndpointName, string>>;
  /** A dialect's name; default `auto`. */
  dialect?: string;
  /** Where tokens live between connections; without it, each connection fetches its own. */
  cache?: TokenCache;
  /** Seconds since the epoch. */
  now?: () => number;
  note?: Note;
}

export class Connection {
  readonly issuer: string;
  readonly search: MetadataSearch;
  readonly cache: TokenCache | undefined;
  readonly now: () => number;
  readonly note: Note;
  readonly #send: Send;
  readonly #byHand: Partial<Record<EndpointName, string>>;
  readonly #dialect: string;

  constructor(options: ConnectionOptions) {
    this.issuer = options.issuer;
    this.search = new MetadataSearch(options.issuer, options.send);
    this.cache = options.cache;
    this.now = options.now ?? (() => Date.now() / 1000);
    this.note = options.note ?? (() => {});
    this.#send = options.send;
    this.#byHand = options.endpoints ?? {};
    this.#dialect = options.dialect ?? 'auto';
  }

  /** What is known of the server by now: given by hand, found, and known of the dialect. */
  get metadata(): PartialMetadata {
    return this.dialect.complete(this.#known());
  }

  /** By name, or recognised by what is known of the server by now: ask for an endpoint first. */
  get dialect(): Dialect {
    return dialectOf(this.#dialect, this.#known());
  }

  /** The endpoint, or undefined when the server has none. @throws UmaError `network`. */
  async find(name: EndpointName): Promise<string | undefined> {
    if (this.metadata[name] === undefined) await this.search.until(() => this.metadata[name] !== undefined);
    return this.metadata[name];
  }

  /**
   * The endpoint's address.
   * @throws UmaError `network`; `no_metadata` or `endpoint_missing` (config); what made a document unusable (`issuer_mismatch`, ...; peer).
   */
  async endpoint(name: EndpointName): Promise<string> {
    const found = await this.find(name);
    if (found === undefined) throw this.search.fault(name);
    return found;
  }

  /** Sends, and gives the pair that readers take. */
  async exchange(request: HttpRequest): Promise<HttpExchange> {
    return { request, response: await this.#send(request) };
  }

  #known(): PartialMetadata {
    return { ...this.search.metadata, ...this.#byHand };
  }
}
