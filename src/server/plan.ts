/** What a start stands on before anything is opened: the layout, the configuration, where the server is. */
import { UmaError } from '../protocol/errors.ts';
import type { ServerConfig } from './config/config.ts';
import type { Exposure } from './exposure.ts';
import { layoutOf } from './layouts/index.ts';
import type { Layout } from './layouts/layout.ts';
import type { ServerOptions } from './options.ts';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 9400;

export interface Plan {
  layout: Layout;
  config: ServerConfig;
  /** What the layout serves without a configuration; the same object as `config` then. */
  fixture: ServerConfig;
  /** What an imported file says that is not taken over, in words. */
  notes: string[];
}

/** @throws UmaError `no_import`, `unknown_layout`, `rpt_format_fixed` (usage); `invalid_realm` (config). */
export async function planOf(options: ServerOptions): Promise<Plan> {
  const { ticketTtl: ticket_ttl, rptTtl: rpt_ttl, rptFormat: rpt_format } = options;
  const base = await layoutOf(options.layout ?? 'standard');
  const overrides = { ticket_ttl, rpt_ttl, rpt_format };
  const read = options.imported === undefined ? undefined : await reading(base)(options.imported, overrides);
  const layout = read?.layout ?? base;
  const fixed = layout.settings?.rpt_format;
  if (rpt_format !== undefined && fixed !== undefined && rpt_format !== fixed)
    throw new UmaError('usage', 'rpt_format_fixed', `the layout ${layout.name} knows RPTs as ${fixed} only`, {
      hint: 'leave out --rpt-format, or give another --layout',
    });
  const issuerPath =
    options.issuer === undefined || !URL.canParse(options.issuer)
      ? layout.issuerPath
      : new URL(options.issuer).pathname.replace(/\/$/, '');
  const fixture = base.fixture(overrides, issuerPath);
  return { layout, fixture, config: options.config ?? read?.config ?? fixture, notes: read?.notes ?? [] };
}

export function exposureOf(options: ServerOptions): Exposure {
  const { host = DEFAULT_HOST, issuer, tls, insecureHttp, exposeDemoPeople } = options;
  return { host, issuer, tls: tls !== undefined, insecureHttp, exposeDemoPeople };
}

/** The address of the socket. */
export function addressOf({ host = DEFAULT_HOST, tls }: ServerOptions, port: number): string {
  return `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where peers would be told to find it; for port 0 with that number in it. */
export const issuerOf = (options: ServerOptions, { issuerPath }: Layout): string =>
  options.issuer ?? addressOf(options, options.port ?? DEFAULT_PORT) + issuerPath;

/** @throws UmaError `no_import` (usage) for a layout that reads no file of its vendor. */
function reading({ name, read }: Layout): NonNullable<Layout['read']> {
  if (read !== undefined) return read;
  throw new UmaError('usage', 'no_import', `the layout ${name} reads no configuration of its vendor`, {
    hint: 'give --layout keycloak with a realm file, or --config with a file of this program',
  });
}
