/** From the flags of `uma serve` to a server, for the command itself and for its dry run. */
import type { Context } from '../cli/context.ts';
import { build } from '../cli/version.ts';
import { UmaError } from '../protocol/errors.ts';
import type { ServerConfig } from '../server/config/config.ts';
import type { Log } from '../server/operation/log.ts';
import type { Watcher } from '../server/operation/watcher.ts';
import type { StartOptions } from '../server/start.ts';
import type { OperationFlags } from './serve-operation.ts';
import { type StoreFlags, storePlace } from './serve-store.ts';

export interface ServeOptions extends StoreFlags, OperationFlags {
  task?: string[];
  dropOld?: boolean;
  host?: string;
  port?: number;
  issuer?: string;
  workers?: number;
  tlsCert?: string;
  tlsKey?: string;
  config?: string;
  layout?: string;
  import?: string;
  ticketTtl?: number;
  rptTtl?: number;
  rptFormat?: 'opaque' | 'jwt';
  introspectionGet?: boolean;
  insecureHttp?: boolean;
  exposeDemoPeople?: boolean;
  trustProxy?: string[];
}

/** @throws UmaError as `configured` and `startServer`. */
export async function start(options: ServeOptions, context: Context, log: Log, watchers: readonly Watcher[]) {
  const given = plainOptions(options);
  const { startServer } = await import('../server/start.ts');
  const { dataDir, store, key } = await storePlace(options, context);
  return startServer({
    ...given,
    dataDir,
    store,
    storeKey: key,
    imported: await readImport(options),
    config: await readConfig(options),
    log: log.failed,
    migrating: (from, to) => log('info', `the store is brought from schema ${from} to ${to}`),
    watchers,
  });
}

/** What the flags say without a look at a file. @throws UmaError of category `usage`: `incomplete_tls`, `two_configurations`. */
export function plainOptions(options: ServeOptions): StartOptions {
  const { tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UmaError('usage', 'incomplete_tls', '--tls-cert and --tls-key go together');
  if (options.config !== undefined && options.import !== undefined)
    throw new UmaError('usage', 'two_configurations', '--config and --import exclude each other');
  return {
    host: options.host,
    port: options.port,
    issuer: options.issuer,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey },
    readableFiles: options.allowReadableFiles,
    layout: layoutFor(options),
    ticketTtl: options.ticketTtl,
    rptTtl: options.rptTtl,
    rptFormat: options.rptFormat,
    introspectionGet: options.introspectionGet,
    insecureHttp: options.insecureHttp,
    exposeDemoPeople: options.exposeDemoPeople,
    trustProxy: options.trustProxy,
    version: build.version,
  };
}

/** A realm file is a Keycloak's. */
export const layoutFor = (options: Pick<ServeOptions, 'layout' | 'import'>): string =>
  options.layout ?? (options.import === undefined ? 'standard' : 'keycloak');

/** @throws UmaError as `loadConfig`. */
export async function readConfig(options: ServeOptions): Promise<ServerConfig | undefined> {
  const { config: file, allowReadableFiles: readableFiles } = options;
  if (file === undefined) return undefined;
  const overrides = { ticket_ttl: options.ticketTtl, rpt_ttl: options.rptTtl, rpt_format: options.rptFormat };
  return (await import('../server/config/load.ts')).loadConfig(file, { overrides, readableFiles });
}

/** @throws UmaError of category `config`: `invalid_realm` (no such file, or no JSON in it), `file_open_to_others`. */
export async function readImport({ import: path, allowReadableFiles: readable }: ServeOptions): Promise<unknown> {
  if (path === undefined) return undefined;
  const { readPrivate } = await import('../server/private-file.ts');
  try {
    return JSON.parse(readPrivate(path, { holds: 'passwords and client secrets', readable })) as unknown;
  } catch (cause) {
    if (cause instanceof UmaError) throw cause;
    // The engine's message would quote the text, which holds secrets.
    const why = cause instanceof SyntaxError ? 'is no JSON' : 'cannot be read';
    throw new UmaError('config', 'invalid_realm', `${path} ${why}`, { cause });
  }
}

/** @throws UmaError of category `usage`: `no_store`, `stdin_of_workers`. */
export async function checkShared(options: ServeOptions, context: Context): Promise<void> {
  // Before standard input is read: it can be read once only, and each worker would want it.
  if (options.storePasswordFile === '-' || options.storeKeyFile === '-')
    throw new UmaError('usage', 'stdin_of_workers', '--workers cannot read a secret from standard input', {
      hint: '--store-password-file FILE, PGPASSFILE or UMA_STORE; --store-key-file FILE or UMA_STORE_KEY',
    });
  const { dataDir, store } = await storePlace(options, context);
  if (dataDir !== undefined || store !== undefined) return;
  throw new UmaError('usage', 'no_store', '--workers needs a store that several processes share', {
    hint: '--data DIRECTORY, --store URL or UMA_STORE',
  });
}
