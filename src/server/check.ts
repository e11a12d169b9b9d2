/** A dry start, behind `uma serve check`: everything that would be looked at is, nothing is made, written or listened on. */
import { UmaError } from '../protocol/errors.ts';
import { exposureFaults } from './exposure.ts';
import { checkTls } from './http/listener.ts';
import { checkProxies } from './http/proxies.ts';
import { exposureOf, issuerOf, type Plan, planOf } from './plan.ts';
import { rehearse, type StartOptions } from './start.ts';
import { inspectStores, type StorePlace } from './stores/open.ts';

export interface CheckOptions extends Omit<StartOptions, 'dataDir' | 'store' | 'storeKey'> {
  /** Undefined = its files are at fault, as was told elsewhere. */
  place: StorePlace | undefined;
  /** True: there is a configuration or a realm file that could not be read, as was told elsewhere. */
  unread: boolean;
  /** Seconds since the epoch. */
  now: number;
}

export interface Checked {
  /** Undefined when it cannot be said. */
  issuer: string | undefined;
  /** What an imported file says that is not taken over, in words. */
  notes: readonly string[];
  /** Steps of the store's tables: as they are (0 = there is nothing yet), and as a start would make them. Undefined for memory, and when it cannot be said. */
  store: { schema: number; newest: number } | undefined;
  faults: UmaError[];
}

/** @throws UmaError of category `usage`: `no_import`, `unknown_layout`. Everything else is one of the faults. */
export async function checkServer(options: CheckOptions): Promise<Checked> {
  const { place, unread, now, tls, readableFiles } = options;
  const faults: UmaError[] = [];
  const attempt = attempts(faults);
  const plan: Plan | undefined = await attempt(() => planOf(options));
  await attempt(() => checkProxies(options.trustProxy ?? []));
  const { fixture, config } = plan ?? { fixture: NOBODY, config: NOBODY };
  faults.push(...exposureFaults(exposureOf(options), unread ? NOBODY : config, fixture));
  if (tls !== undefined) await attempt(() => checkTls(tls, readableFiles, now));
  const sound = !faults.some(({ code }) => code === 'invalid_issuer' || code === 'cannot_listen');
  if (plan !== undefined && sound && !unread) await attempt(() => rehearse(options));
  const store = place === undefined ? undefined : await attempt(() => inspectStores(place));
  return {
    issuer: plan === undefined ? undefined : issuerOf(options, plan.layout),
    notes: plan?.notes ?? [],
    store: store === undefined ? undefined : { schema: store.schema, newest: store.newest },
    faults,
  };
}

const NOBODY = { people: [] };

/** Does something; what it throws is one more fault, unless it is the call that is wrong. */
export function attempts(faults: UmaError[]): <T>(work: () => T | Promise<T>) => Promise<T | undefined> {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UmaError) || error.category === 'usage') throw error;
      faults.push(error);
      return undefined;
    }
  };
}
