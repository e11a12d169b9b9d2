/**
 * The first use of an RPT, for the history of those whose resources it is about: the first time that its resource server is told that
 * it is active (FED 5). Once for each RPT, over all processes on one store; a resource server that reads a JWT by itself tells nobody.
 */
import { UmaError } from '../../protocol/errors.ts';
import type { Permission } from '../../protocol/permission.ts';
import type { RptRecord, Stores } from '../stores/types.ts';
import { newId } from './secrets.ts';

/** RPTs whose first use this process knows of: for these the store is not asked again. */
const REMEMBERED = 10_000;

export type FirstUse = (rpt: RptRecord, permissions: readonly Permission[], now: number) => Promise<void>;

/**
 * A store that cannot write just now (a full disk) does not stop resource servers from asking: the use is told the next time.
 * @throws what a store throws that is no outage.
 */
export function firstUse({ history, once, resources }: Pick<Stores, 'history' | 'once' | 'resources'>): FirstUse {
  const known = new Set<string>();
  return async ({ key, party, client_id, expires_at }, permissions, now) => {
    if (known.has(key)) return;
    try {
      await tell({ key, party, client_id, expires_at }, permissions, now);
    } catch (error) {
      if (error instanceof UmaError && error.code === 'store_unavailable') return;
      throw error;
    }
    const [oldest] = known;
    if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
    known.add(key);
  };

  async function tell(
    { key, party, client_id, expires_at }: Pick<RptRecord, 'key' | 'party' | 'client_id' | 'expires_at'>,
    permissions: readonly Permission[],
    now: number,
  ): Promise<void> {
    if (!(await once.first(`rpt used ${key}`, now, expires_at))) return;
    for (const { resource_id, resource_scopes: scopes } of permissions) {
      // An RPT can be about resources of several owners; each of them has it in her own history.
      const owner = (await resources.get(resource_id))?.owner;
      if (owner === undefined) continue;
      await history.append({ id: newId(), owner, type: 'rpt_used', at: now, resource_id, scopes, party, client_id });
    }
  }
}
