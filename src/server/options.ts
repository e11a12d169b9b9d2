/** How a server is started and what is had then, apart from the code that does it: the types of the package lead here and to no library. */
import type { ServerConfig } from './config/config.ts';
import type { LayoutSwitch } from './config/parts.ts';
import type { Readiness } from './operation/readiness.ts';
import type { SharedStore } from './stores/open.ts';
import type { Migrating } from './stores/types.ts';

/** Takes failures that a peer must not see; the request that met one where there was one. */
export type LogFailure = (message: string, error: unknown, request_id?: string) => void;

export interface ServerOptions {
  /** Address to listen on, default 127.0.0.1. */
  host?: string | undefined;
  /** Default 9400; 0 = any free one. */
  port?: number | undefined;
  /** The address under which peers know the server, without a slash at its end; default: host and port. */
  issuer?: string | undefined;
  /** Paths of PEM files. */
  tls?: { cert: string; key: string } | undefined;
  /** Directory of the database; absent = everything is forgotten at the end. */
  dataDir?: string | undefined;
  /** A database that several servers share, instead of a directory. */
  store?: SharedStore | undefined;
  /** What seals the signing keys at rest (stores/seal.ts): 32 bytes in base64 or hex. A directory has its own; a shared store needs one. */
  storeKey?: string | undefined;
  /** Default: the walkthrough's people and clients. */
  config?: ServerConfig | undefined;
  /** Seconds; over the configuration. */
  ticketTtl?: number | undefined;
  /** Seconds; over the configuration. */
  rptTtl?: number | undefined;
  rptFormat?: 'opaque' | 'jwt' | undefined;
  introspectionGet?: boolean | undefined;
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustProxy?: readonly string[] | undefined;
  /** Plain http also where others could listen in. */
  insecureHttp?: boolean | undefined;
  /** The walkthrough's people, whose passwords are public, also on other addresses than loopback. */
  exposeDemoPeople?: boolean | undefined;
  /** Also files (data, TLS key) that others can read. */
  readableFiles?: boolean | undefined;
  /** Whose addresses and shapes it speaks (layouts/index.ts); default `standard`. */
  layout?: string | undefined;
  /** A vendor's own configuration file as JSON, in place of `config`, for a layout that reads one. */
  imported?: unknown;
  /** Milliseconds between two looks at the signing keys of the store, default 15 s. */
  keysEvery?: number | undefined;
  /** Shown in /openapi.json. */
  version?: string | undefined;
  /** Told before the store of an older program is brought up to date: numbers of its schema and of ours. */
  migrating?: Migrating | undefined;
  /** Failures that a peer must not see. Default: standard error. */
  log?: LogFailure | undefined;
}

export interface RunningServer {
  issuer: string;
  /** Where it listens; the same as the issuer unless one was given or the layout has a path. */
  url: string;
  /** What the layout makes weaker than the house's own, to be told at start. */
  switches: readonly LayoutSwitch[];
  /** What an imported file says that was not taken over, in words. */
  notes: readonly string[];
  /** Whether it can do its work now. Never throws. */
  ready(): Promise<Readiness>;
  /** Stops listening, answers what is in flight, closes the stores. Safe to call twice. */
  close(): Promise<void>;
}
