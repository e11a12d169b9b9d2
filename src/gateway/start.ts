/**
 * gateway/: the resource server of UMA Grant 3.1, 3.2, 3.5 and UMA Federated Authorization 3 to 5, as a reverse proxy in front of any
 * HTTP service: match (routes, path), challenge and enforce (enforce, verify, shares, pats), forward (headers, the proxy library).
 * Imports protocol and client only: an authorization server is met on the wire, never in src/server.
 *
 * This file: puts the parts together and listens.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { Connection, type ConnectionOptions } from '../client/connection.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ClientCredentials, Send } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';
import type { Enforcement } from './enforce.ts';
import { DEFAULT_IDLE, forward } from './forward.ts';
import { OWN_PREFIX, ownRoutes } from './own-routes.ts';
import { memoryCache, type PatMode, Pats } from './pats.ts';
import { Proofs } from './proofs.ts';
import { readRoutes } from './routes.ts';
import { Shares } from './shares.ts';
import { compareWithServer, type SyncReport } from './sync.ts';
import { TicketBudget } from './ticket-budget.ts';
import { Vault } from './vault.ts';
import { Verifier } from './verify.ts';

export interface GatewayOptions {
  /** Where requests go: an origin, with a path if theirs begin behind one. */
  upstream: string;
  /** Content of routes.json (routes.ts). */
  routes: unknown;
  issuer: string;
  /** The resource server's client at the AS. */
  client: ClientCredentials;
  /** Carries what is said to the AS. */
  send: Send;
  /** Where PATs come from; default: owners connect at `/.uma/connect`. */
  pat?: PatMode | undefined;
  /** `introspect` (default), or `jwt`: RPTs are checked offline. */
  verify?: 'introspect' | 'jwt' | undefined;
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** Default 9401; 0 = any free one. */
  port?: number | undefined;
  /** The address that clients know, without a path; default: host and port. */
  publicUrl?: string | undefined;
  /** Paths of PEM files. */
  tls?: { cert: string; key: string } | undefined;
  /** PEM text: whom to trust as the upstream, in place of the built-in list. */
  upstreamCa?: string | undefined;
  /** Plain http also where others could listen in. */
  insecureHttp?: boolean | undefined;
  /** Where connected owners and shares are kept; absent: in memory. */
  directory?: string | undefined;
  /** 32 bytes in base64 or hex; default: a key file in `directory`. */
  key?: string | undefined;
  /** Opens the share list to scripts, as `Authorization: Bearer`. */
  adminToken?: string | undefined;
  dialect?: string | undefined;
  endpoints?: ConnectionOptions['endpoints'];
  note?: ConnectionOptions['note'];
  /** Failures that a peer must not see. Default: standard error. */
  log?: ((message: string, error: unknown) => void) | undefined;
}

export interface RunningGateway {
  /** Where it listens. */
  url: string;
  /** The address that clients know. */
  publicUrl: string;
  /** Compares what is registered with the AS's list of it, for each owner. */
  compare(): Promise<SyncReport[]>;
  /** Stops listening and ends what is open. Safe to call twice. */
  close(): Promise<void>;
}

/** Permission tickets a minute for each source. */
const DEFAULT_TICKETS = 60;
/** Seconds. */
const DEFAULT_CACHE = { read: 5, write: 0 };

/**
 * Starts a gateway and answers when it does. Nothing is asked of the AS before the first request.
 * @throws UmaError of category `config`: `invalid_routes`, `invalid_upstream`, `insecure_http`, `port_taken`, `cannot_listen`,
 *   `tls_unusable`, and as `Vault.open`.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { issuer, client, send, host = '127.0.0.1', port = 9401, pat = { mode: 'owners' }, tls } = options;
  const log = options.log ?? ((message: string, error: unknown) => console.error(message, error));
  const now = () => Date.now() / 1000;
  const routes = readRoutes(options.routes);
  const { limits = {}, cache } = routes.file;
  const upstream = addressOf(options.upstream, 'invalid_upstream');
  const listening = `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}`;
  if (options.publicUrl !== undefined) addressOf(options.publicUrl, 'invalid_public_url');
  checkExposure([listening, options.publicUrl], options.insecureHttp);
  const vault = await Vault.open({ issuer, directory: options.directory, key: options.key });

  const connection = new Connection({
    issuer,
    send,
    now,
    cache: memoryCache(now),
    ...(options.dialect === undefined ? {} : { dialect: options.dialect }),
    ...(options.endpoints === undefined ? {} : { endpoints: options.endpoints }),
    ...(options.note === undefined ? {} : { note: options.note }),
  });
  // The port may be known only once it listens, and with it the address.
  const site = { publicUrl: options.publicUrl?.replace(/\/$/, '') ?? listening };
  const audience = [client.id, ...(routes.file.audience ?? [])];
  const pats = new Pats(connection, client, vault, pat);
  const shares = new Shares(routes, vault);
  // Libraries that only one kind of gateway needs are loaded for that one.
  const jwt =
    options.verify === 'jwt'
      ? new (await import('./jwt.ts')).JwtVerifier(connection, { audience, ...routes.file.jwt })
      : undefined;
  const gate: Enforcement = {
    issuer,
    routes,
    pats,
    shares,
    verifier: new Verifier({ issuer, audience, cache: { ...DEFAULT_CACHE, ...cache }, jwt, now }),
    proofs: new Proofs(now),
    site,
    budget: new TicketBudget(limits.tickets_per_minute ?? DEFAULT_TICKETS),
    log,
  };
  const { owner_claim: ownerClaim = 'sub', connect_scopes: scopes = [] } = routes.file;
  const signIn =
    pat.mode === 'owners'
      ? new (await import('./sign-in.ts')).SignIn({ connection, send, client, site, ownerClaim, scopes })
      : undefined;

  const app = build(tls, (limits.idle ?? DEFAULT_IDLE) * 1000);
  const own = { routes, vault, pats, shares, signIn, adminToken: options.adminToken, site, now, log };
  app.register((scope) => ownRoutes(scope, own), { prefix: OWN_PREFIX });
  app.register((scope) => forward(scope, { gate, upstream, site, upstreamCa: options.upstreamCa }));
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error, host, port);
  }
  const url = `${listening}:${(app.server.address() as AddressInfo).port}`;
  if (options.publicUrl === undefined) site.publicUrl = url;
  audience.push(site.publicUrl);
  let closing: Promise<void> | undefined;
  return {
    url,
    publicUrl: site.publicUrl,
    compare: () => compareWithServer(vault, pats),
    close() {
      closing ??= Promise.resolve(app.close());
      return closing;
    },
  };
}

/** `idle` in milliseconds. @throws UmaError `tls_unusable`. */
function build(tls: GatewayOptions['tls'], idle: number): FastifyInstance {
  const common = {
    logger: false,
    // A connection that waits for nothing holds up nobody's stop.
    forceCloseConnections: true,
    // Longer than the upstream may be silent: what has to be said about that is said.
    connectionTimeout: idle + 10_000,
    routerOptions: { ignoreDuplicateSlashes: false, caseSensitive: true },
    http: { headersTimeout: Math.min(idle, 60_000) },
  } as const;
  if (tls === undefined) return fastify(common) as unknown as FastifyInstance;
  try {
    const https = { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
    return fastify({ ...common, https }) as unknown as FastifyInstance;
  } catch (error) {
    throw new UmaError('config', 'tls_unusable', `certificate or key cannot be used: ${(error as Error).message}`);
  }
}

/** @throws UmaError with this code (config). */
function addressOf(text: string, code: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  )
    return url;
  throw new UmaError('config', code, `${JSON.stringify(text)} is no http or https address without query and user`);
}

/** RPTs are bearer tokens: they are sent in the clear on this machine only, unless somebody says otherwise. */
function checkExposure(addresses: readonly (string | undefined)[], insecureHttp: boolean | undefined): void {
  const clear = addresses.find((address) => address?.startsWith('http:') && !isLoopback(address));
  if (clear === undefined || insecureHttp === true) return;
  throw new UmaError('config', 'insecure_http', `${clear} would carry RPTs in the clear`, {
    spec: 'UMA Grant 5.3',
    hint: 'give --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure-http',
  });
}

function listenError(error: unknown, host: string, port: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new UmaError('config', 'port_taken', `port ${port} of ${host} is taken`, {
      hint: 'choose another: --port 0',
    });
  if (code?.startsWith('E'))
    return new UmaError('config', 'cannot_listen', `cannot listen on ${host}:${port}: ${message}`);
  return error;
}
