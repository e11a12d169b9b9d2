/** Whether a server can do its work now: what a load balancer asks before it sends requests. */
import type { Stores } from '../stores/types.ts';

export interface Readiness {
  status: 'ready' | 'not_ready';
  checks: {
    /** It answers, and in time; `unknown`: not asked. */
    store: 'ok' | 'failed' | 'unknown';
    /** There is one to sign with. */
    keys: 'ok' | 'failed' | 'unknown';
    /** `closing`: requests on their way are answered, new ones should go elsewhere. */
    server: 'ok' | 'starting' | 'closing';
  };
}

/** Milliseconds that the store may take. */
const PATIENCE = 2000;

export const notReady = (server: 'starting' | 'closing'): Readiness => ({
  status: 'not_ready',
  checks: { store: 'unknown', keys: 'unknown', server },
});

/** Asks the store for its keys. Never throws. */
export async function readinessOf({ keys }: Pick<Stores, 'keys'>, closing: boolean): Promise<Readiness> {
  if (closing) return notReady('closing');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE);
  });
  const found = await Promise.race([keys.list().catch(() => undefined), late]);
  clearTimeout(timer);
  const checks = {
    store: found === undefined ? 'failed' : 'ok',
    keys: found === undefined || found.length === 0 ? 'failed' : 'ok',
    server: 'ok',
  } as const;
  return { status: checks.store === 'ok' && checks.keys === 'ok' ? 'ready' : 'not_ready', checks };
}
