/** What `uma serve` does instead of serving: `check`, and to a store `keys rotate`, `export`, `import FILE`. */
import type { Result } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { UmaError } from '../protocol/errors.ts';
import { openStores, type StorePlace } from '../server/stores/open.ts';
import { type KeySeal, keySeal } from '../server/stores/seal.ts';
import type { Stores } from '../server/stores/types.ts';
import type { ServeOptions } from './serve-start.ts';
import { storePlace } from './serve-store.ts';

/** @throws UmaError of category `usage`: `unknown_task`, `no_store`; as `openStores`. */
export async function runTask(
  task: readonly string[],
  options: ServeOptions,
  context: Context,
): Promise<Result | undefined> {
  // The last word of an import is its file.
  const name = task[0] === 'import' && task.length === 2 ? 'import FILE' : task.join(' ');
  if (name === CHECK) return (await import('./serve-check.ts')).checkServe(options, context);
  const work = TASKS[name];
  if (work === undefined) {
    throw new UmaError('usage', 'unknown_task', `uma serve has no task "${task.join(' ')}"`, {
      hint: `it has: ${[CHECK, ...Object.keys(TASKS)].join(', ')}; without one it serves`,
    });
  }
  const place = await storePlace(options, context);
  if (place.dataDir === undefined && place.store === undefined) {
    throw new UmaError('usage', 'no_store', `uma serve ${name} needs the store of a server`, {
      hint: '--data DIRECTORY, --store URL or UMA_STORE',
    });
  }
  return withStores(place, (stores) => work(stores, options, context, keySeal(place)));
}

async function withStores<T>(place: StorePlace, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(place);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

/** The one task that opens no store: it writes nothing. */
const CHECK = 'check';

const TASKS: Readonly<
  Record<
    string,
    (stores: Stores, options: ServeOptions, context: Context, seal: KeySeal | undefined) => Promise<Result | undefined>
  >
> = {
  async 'keys rotate'(stores, { dropOld }, { clock }, seal) {
    const { rotateKeys, KEY_LEAD } = await import('../server/oauth/keys.ts');
    const value = await rotateKeys(stores.keys, Math.floor(clock.now()), { dropOld: dropOld === true, seal });
    const when = dropOld === true ? 'at once' : `in ${KEY_LEAD} seconds`;
    return {
      value,
      view: () => value.added.map(({ kid, alg }) => `${alg} ${kid} signs ${when}`).join('\n'),
      note: 'running servers take it up by themselves',
    };
  },
  async export(stores, _options, { io, note }, seal) {
    if (io.stdoutIsTty) {
      throw new UmaError('usage', 'secret_on_terminal', 'an export holds private keys: not for a terminal', {
        hint: 'uma serve export ... > FILE (with umask 077)',
      });
    }
    const { exportTo } = await import('../server/stores/transfer.ts');
    const records = await exportTo(stores, (line) => io.out(`${line}\n`), seal);
    note(`${records} records`);
    return undefined;
  },
  async 'import FILE'(stores, { task }, { readFile }, seal) {
    const { importInto } = await import('../server/stores/transfer.ts');
    const records = await importInto(stores, await readFile('import', task?.[1] ?? '-'), seal);
    return { value: { records }, told: `${records} records taken over` };
  },
};
