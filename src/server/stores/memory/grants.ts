import type { Permission } from '../../../protocol/permission.ts';
import type { StoredRecord } from '../records.ts';
import type { GrantFilter, RefreshRecord, RefreshStore, RptRecord, RptStore } from '../types.ts';
import { type Held, held } from './held.ts';

type Grant = RptRecord | RefreshRecord;
type Sweep = Pick<Held<Grant, never>, 'sweep'> & { records(): Iterable<StoredRecord> };

/** RPTs that stay as they were read: resource servers ask for the same few again, and find what was answered for them (rpt.ts). */
const RECENT = 1024;

const byChainAndOwner = { chain: ({ chain }: Grant) => chain, owner: ({ owner }: Grant) => owner };

export function rptsHeld(): RptStore & Sweep {
  const rows = held<RptRecord, 'chain' | 'owner'>({ own: ['chain'], by: byChainAndOwner, recent: RECENT });
  return {
    async put(rpt) {
      rows.add(rpt);
    },
    async get(key, now, options) {
      const record = rows.get(key)?.record;
      return options?.allowExpired || (record !== undefined && record.expires_at > now) ? record : undefined;
    },
    async delete(key) {
      return rows.delete(key);
    },
    ...withdrawalFrom(rows),
    sweep: rows.sweep,
    *records() {
      for (const { record } of rows.all()) yield { kind: 'rpt', record };
    },
  };
}

export function refreshesHeld(): RefreshStore & Sweep {
  const rows = held<RefreshRecord, 'chain' | 'owner' | 'family'>({
    own: ['chain', 'family'],
    by: { ...byChainAndOwner, family: ({ family }) => family },
  });
  const live = (key: string, now: number) => {
    const found = rows.get(key);
    return found !== undefined && found.record.expires_at > now ? found : undefined;
  };
  return {
    async put(refresh) {
      rows.add(refresh);
    },
    async take(key, now, client_id) {
      const found = live(key, now);
      if (found === undefined || found.record.client_id !== client_id) return { kind: 'unknown' };
      if (found.used) return { kind: 'used', family: found.record.family };
      rows.use(key);
      return { kind: 'taken', refresh: found.record };
    },
    async get(key, now, options) {
      const found = live(key, now);
      return found !== undefined && (options?.allowUsed || !found.used) ? found.record : undefined;
    },
    async delete(key) {
      return rows.delete(key);
    },
    async revokeFamily(family) {
      let count = 0;
      for (const { record } of rows.with('family', family)) if (rows.delete(record.key)) count += 1;
      return count;
    },
    ...withdrawalFrom(rows),
    sweep: rows.sweep,
    *records() {
      for (const { record, used } of rows.all()) yield { kind: 'refresh', record, used };
    },
  };
}

/** Withdrawal by filter, which RPTs and refresh tokens have in common. */
function withdrawalFrom<T extends Grant>(rows: Held<T, 'chain' | 'owner'>): Pick<RptStore, 'revoke' | 'withdraw'> {
  function* matching({ chain, owner, rs, client_id, party }: GrantFilter): Generator<T> {
    const near =
      chain !== undefined ? rows.with('chain', chain) : owner !== undefined ? rows.with('owner', owner) : rows.all();
    for (const { record } of near) {
      if (
        (owner === undefined || record.owner === owner) &&
        (rs === undefined || record.rs === rs) &&
        (client_id === undefined || record.client_id === client_id) &&
        (party === undefined || (record.party.iss === party.iss && record.party.sub === party.sub))
      )
        yield record;
    }
  }
  return {
    async revoke(filter) {
      // A filter emptied by a fault of the caller must not withdraw everybody's access.
      if (Object.values(filter).every((member) => member === undefined))
        throw new TypeError('revoke needs at least one member in its filter');
      let count = 0;
      for (const { key } of matching(filter)) if (rows.delete(key)) count += 1;
      return count;
    },
    async withdraw(resource_id, filter) {
      let touched = 0;
      for (const record of matching(filter)) {
        const { permissions } = record;
        const left: Permission[] = permissions.filter((permission) => permission.resource_id !== resource_id);
        if (left.length === permissions.length) continue;
        touched += 1;
        if (left.length === 0) rows.delete(record.key);
        else rows.rewrite({ ...record, permissions: left });
      }
      return touched;
    },
  };
}
