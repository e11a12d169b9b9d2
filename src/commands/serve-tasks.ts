/** What `uma serve` does to a store instead of serving: `uma serve keys rotate`. */
import type { Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';
import { openStores, type StorePlace } from '../server/stores/open.ts';
import type { Stores } from '../server/stores/types.ts';
import { type StoreFlags, storePlace } from './serve-store.ts';

export interface TaskFlags extends StoreFlags {
  task?: string[];
  dropOld?: boolean;
}

/** @throws UmaError of category `usage`: `unknown_task`, `no_store`; as `openStores`. */
export async function runTask(task: readonly string[], options: TaskFlags, context: Context): Promise<Result> {
  const work = TASKS[task.join(' ')];
  if (work === undefined) {
    throw new UmaError('usage', 'unknown_task', `uma serve has no task "${task.join(' ')}"`, {
      hint: `it has: ${Object.keys(TASKS).join(', ')}; without one it serves`,
    });
  }
  const place = await storePlace(options, context);
  if (place.dataDir === undefined && place.store === undefined) {
    throw new UmaError('usage', 'no_store', `uma serve ${task.join(' ')} needs the store of a server`, {
      hint: '--data DIRECTORY, --store URL or UMA_STORE',
    });
  }
  return withStores(place, (stores) => work(stores, options, context));
}

async function withStores<T>(place: StorePlace, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(place);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

const TASKS: Readonly<Record<string, (stores: Stores, options: TaskFlags, context: Context) => Promise<Result>>> = {
  async 'keys rotate'(stores, { dropOld }, { clock }) {
    const { rotateKeys, KEY_LEAD } = await import('../server/oauth/keys.ts');
    const value = await rotateKeys(stores.keys, Math.floor(clock.now()), { dropOld: dropOld === true });
    const when = dropOld === true ? 'at once' : `in ${KEY_LEAD} seconds`;
    return {
      value,
      view: () => value.added.map(({ kid, alg }) => `${alg} ${kid} signs ${when}`).join('\n'),
      note: 'running servers take it up by themselves',
    };
  },
};
