/** Starts the embedded AS: the engine behind `uma serve`, `uma demo` and the library. */
import { createServer, type Server } from 'node:http';
import { createApp } from './app.ts';
import { createAuthority } from './authorization/authority.ts';
import { createClaimTokenVerifier } from './authorization/claim-token.ts';
import { createClaimsInteractions } from './authorization/claims-interaction.ts';
import type { AuthorityDeps } from './authorization/deps.ts';
import type { ServerConfig } from './config/config.ts';
import { seed } from './config/seed.ts';
import { checkExposure } from './exposure.ts';
import { calmly } from './http/calm-log.ts';
import { listen } from './http/listener.ts';
import { metadata } from './http/metadata.ts';
import { checkProxies } from './http/proxies.ts';
import type { Layout } from './layouts/layout.ts';
import { dressedAuthority, dressedInteractions } from './layouts/tickets.ts';
import { createAttempts } from './oauth/attempts.ts';
import { describeClients } from './oauth/clients.ts';
import { loadKeys, type SigningKeys } from './oauth/keys.ts';
import { directoryOf, peopleOf } from './oauth/people.ts';
import { readinessOf } from './operation/readiness.ts';
import { type Watcher, type Watchers, watched } from './operation/watcher.ts';
import type { RunningServer, ServerOptions } from './options.ts';
import { createOwnerService } from './owner/service.ts';
import { addressOf, DEFAULT_HOST, DEFAULT_PORT, exposureOf, issuerOf, planOf } from './plan.ts';
import { openStores } from './stores/open.ts';
import { keySeal } from './stores/seal.ts';
import type { Stores } from './stores/types.ts';

export type { RunningServer } from './options.ts';

export interface StartOptions extends ServerOptions {
  /** Who watches it at work (operation/); default nobody. */
  watchers?: readonly Watcher[] | undefined;
}

/** Milliseconds that requests in flight get at the end. */
const GRACE = 10_000;
/** Milliseconds between two looks for what has expired. */
const SWEEP_INTERVAL = 60_000;
/** Milliseconds between two looks for keys that were added or dropped; a small part of KEY_LEAD. */
const KEYS_INTERVAL = 15_000;

/**
 * Starts a server and answers when it does.
 * @throws UmaError of category `config`: `port_taken`, `cannot_listen`, `invalid_proxy`, `insecure_http`, `invalid_issuer`, `walkthrough_not_local`,
 *   `invalid_client`, `tls_unusable`, `file_open_to_others`, `store_unusable`, `store_too_new`, `store_key_missing`, `invalid_store_key`, `store_key_wrong`; of category `network`: `store_unavailable`.
 */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, tls, dataDir, readableFiles, migrating } = options;
  const { layout, fixture, config, notes } = await planOf(options);
  const log = calmly(options.log ?? ((message: string, error: unknown) => console.error(message, error)));
  const watcher = watched(options.watchers ?? []);
  checkProxies(options.trustProxy ?? []);
  checkExposure(exposureOf(options), config, fixture);

  const listener = await listen({ host, port, tls, readableFiles });
  const url = addressOf(options, listener.port);
  const issuer = options.issuer ?? url + layout.issuerPath;
  let stores: Stores | undefined;
  try {
    stores = await openStores({ dataDir, store: options.store, key: options.storeKey, readableFiles, migrating });
    const opened = watcher.stores(stores);
    const seal = keySeal({ dataDir, key: options.storeKey, readableFiles });
    const keysNow = () => loadKeys(opened.keys, now(), layout.signingAlg, seal);
    const build = (keys: SigningKeys) =>
      assemble(opened, keys, config, issuer, options, layout, log, listener.server, watcher);
    let keys = await keysNow();
    watcher.keys(kidsOf(keys), true);
    await seed(stores, config, issuer, now());
    let app = await build(keys);
    if (config === fixture) await layout.preload?.({ issuer, stores, now });
    await layout.prepare?.({ issuer, stores, now });
    listener.serve((request, response) => app.handle(request, response));
    const renew = async () => {
      const found = await keysNow();
      if (same(found, keys)) return;
      // Requests on their way end where they began.
      app = await build(found);
      keys = found;
      watcher.keys(kidsOf(keys), false);
    };
    const keyWatch = setInterval(() => {
      renew().catch((error: unknown) => log('the signing keys could not be read', error));
    }, options.keysEvery ?? KEYS_INTERVAL);
    keyWatch.unref();
    const sweeper = setInterval(() => {
      stores?.sweep(now()).catch((error: unknown) => log('the sweep of expired records failed', error));
    }, SWEEP_INTERVAL);
    sweeper.unref();
    let closing: Promise<void> | undefined;
    return {
      issuer,
      url,
      switches: layout.switches,
      notes,
      ready: () => readinessOf(opened, closing !== undefined),
      close() {
        closing ??= (async () => {
          clearInterval(sweeper);
          clearInterval(keyWatch);
          await listener.close(GRACE);
          await app.close();
          await stores?.close();
        })();
        return closing;
      },
    };
  } catch (error) {
    await listener.close(0);
    await stores?.close();
    throw error;
  }
}

/**
 * Builds what a start would build, in a store of its own in memory and without a socket, and takes it down again.
 * @throws UmaError `invalid_client` (config).
 */
export async function rehearse(options: StartOptions): Promise<void> {
  const { layout, config } = await planOf(options);
  const issuer = issuerOf(options, layout);
  const stores = await openStores({});
  try {
    const keys = await loadKeys(stores.keys, now(), layout.signingAlg);
    await seed(stores, config, issuer, now());
    const app = await assemble(
      stores,
      keys,
      config,
      issuer,
      options,
      layout,
      options.log ?? (() => {}),
      createServer(),
      watched([]),
    );
    try {
      await layout.prepare?.({ issuer, stores, now });
    } finally {
      await app.close();
    }
  } finally {
    await stores.close();
  }
}

const now = () => Math.floor(Date.now() / 1000);

const kidsOf = ({ privateJwks }: SigningKeys): string[] => privateJwks.map(({ kid }) => kid!);
const same = (a: SigningKeys, b: SigningKeys): boolean => kidsOf(a).join() === kidsOf(b).join();

async function assemble(
  stores: Stores,
  keys: SigningKeys,
  config: ServerConfig,
  issuer: string,
  options: StartOptions,
  layout: Layout,
  log: NonNullable<StartOptions['log']>,
  server: Server,
  watcher: Watchers,
) {
  const { clients } = config;
  const attempts = createAttempts(stores.limits, now);
  const people = watcher.people(peopleOf(config.people, attempts));
  const directory = directoryOf(people, clients);
  const trusted = [{ issuer, keys: { current: keys.publicJwks }, algorithms: [keys.alg] }, ...config.trusted_issuers];
  const standard = metadata(issuer, {
    passwordGrant: config.password_grant,
    signingAlg: keys.alg,
    registration: config.registration,
  });
  const published = layout.metadata?.(standard, issuer) ?? standard;
  const settings = overridden({ ...config.settings, ...layout.settings }, options);
  const authorityDeps: AuthorityDeps = {
    issuer,
    stores,
    settings,
    signer: layout.signer?.(keys, { issuer, stores, people }) ?? keys,
    directory,
    mayAsk: layout.mayAsk,
    claimTokens: createClaimTokenVerifier(trusted),
    trustedIssuers: trusted.map((item) => item.issuer),
    claimsInteractionEndpoint: published.claims_interaction_endpoint,
  };
  const plain = { authority: createAuthority(authorityDeps), interactions: createClaimsInteractions(authorityDeps) };
  const dress = layout.tickets?.({ issuer, keys });
  const authority = watcher.authority(
    dress === undefined ? plain.authority : dressedAuthority(plain.authority, dress, settings.ticket_ttl),
  );
  const claimsInteractions =
    dress === undefined ? plain.interactions : dressedInteractions(plain.interactions, dress, settings.ticket_ttl);
  const describe = describeClients(clients);
  const firstParty = new Set(clients.filter(({ first_party }) => first_party).map(({ client_id }) => client_id));
  return createApp({
    issuer,
    stores,
    keys,
    people,
    attempts,
    directory,
    authority,
    claimTokens: authorityDeps.claimTokens,
    owner: createOwnerService({ issuer, stores, directory, everybody: people.everybody, now }),
    claimsInteractions,
    layout,
    metadata: published,
    clients,
    describeClient: layout.rptsRefresh === false ? (client) => ({ ...describe(client), may_refresh: false }) : describe,
    isFirstParty: (client_id) => firstParty.has(client_id),
    lifetimes: config.lifetimes,
    passwordGrant: config.password_grant,
    registration: config.registration,
    corsOrigins: config.cors_origins,
    introspectionGet: options.introspectionGet ?? layout.introspectionGet ?? config.introspection_get,
    trustProxy: options.trustProxy,
    version: options.version ?? '0',
    now,
    log,
    // The listener hands requests over once the routes are ready.
    serverFactory: () => server,
    watcher,
  });
}

function overridden(settings: ServerConfig['settings'], options: StartOptions): ServerConfig['settings'] {
  const { ticketTtl, rptTtl, rptFormat } = options;
  return {
    ...settings,
    ...(ticketTtl === undefined ? {} : { ticket_ttl: ticketTtl }),
    ...(rptTtl === undefined ? {} : { rpt_ttl: rptTtl }),
    ...(rptFormat === undefined ? {} : { rpt_format: rptFormat }),
  };
}
