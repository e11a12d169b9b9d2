import type { Permission } from '../../../protocol/permission.ts';
import type { StoredRecord } from '../records.ts';
import type { GrantFilter, RefreshRecord, RefreshStore, RptRecord, RptStore } from '../types.ts';
import { type Held, held } from './held.ts';

interface Row<T> {
  key: string;
  expires_at: number;
  chain: string;
  owner: string;
  /** Empty for an RPT. */
  family: string;
  grant: T;
  used: boolean;
}
type Grant = RptRecord | RefreshRecord;
type Sweep = Pick<Held<Row<Grant>>, 'sweep'> & { records(): StoredRecord[] };

export function rptsHeld(): RptStore & Sweep {
  const rows = held<Row<RptRecord>>(['chain', 'owner']);
  return {
    async put(rpt) {
      rows.add({ ...columns(rpt), family: '', grant: rpt, used: false });
    },
    async get(key, now, options) {
      const row = rows.get(key);
      return row !== undefined && (options?.allowExpired || row.expires_at > now) ? row.grant : undefined;
    },
    async delete(key) {
      return rows.delete(key);
    },
    ...withdrawalFrom(rows),
    sweep: rows.sweep,
    records: () => rows.with(undefined).map(({ grant }) => ({ kind: 'rpt', record: grant })),
  };
}

export function refreshesHeld(): RefreshStore & Sweep {
  const rows = held<Row<RefreshRecord>>(['chain', 'owner', 'family']);
  const live = (key: string, now: number) => {
    const row = rows.get(key);
    return row !== undefined && row.expires_at > now ? row : undefined;
  };
  return {
    async put(refresh) {
      rows.add({ ...columns(refresh), family: refresh.family, grant: refresh, used: false });
    },
    async take(key, now, client_id) {
      const row = live(key, now);
      if (row === undefined || row.grant.client_id !== client_id) return { kind: 'unknown' };
      if (row.used) return { kind: 'used', family: row.family };
      rows.replace({ ...row, used: true });
      return { kind: 'taken', refresh: row.grant };
    },
    async get(key, now, options) {
      const row = live(key, now);
      return row !== undefined && (options?.allowUsed || !row.used) ? row.grant : undefined;
    },
    async delete(key) {
      return rows.delete(key);
    },
    async revokeFamily(family) {
      return rows.with('family', family).filter(({ key }) => rows.delete(key)).length;
    },
    ...withdrawalFrom(rows),
    sweep: rows.sweep,
    records: () => rows.with(undefined).map(({ grant, used }) => ({ kind: 'refresh', record: grant, used })),
  };
}

const columns = ({ key, expires_at, chain, owner }: Grant) => ({ key, expires_at, chain, owner });

/** Withdrawal by filter, which RPTs and refresh tokens have in common. */
function withdrawalFrom<T extends Grant>(rows: Held<Row<T>>): Pick<RptStore, 'revoke' | 'withdraw'> {
  const matching = (filter: GrantFilter): Row<T>[] => {
    const { chain, owner, rs, client_id, party } = filter;
    const near =
      chain !== undefined
        ? rows.with('chain', chain)
        : owner !== undefined
          ? rows.with('owner', owner)
          : rows.with(undefined);
    return near.filter(
      ({ grant }) =>
        (chain === undefined || grant.chain === chain) &&
        (owner === undefined || grant.owner === owner) &&
        (rs === undefined || grant.rs === rs) &&
        (client_id === undefined || grant.client_id === client_id) &&
        (party === undefined || (grant.party.iss === party.iss && grant.party.sub === party.sub)),
    );
  };
  return {
    async revoke(filter) {
      // A filter emptied by a fault of the caller must not withdraw everybody's access.
      if (Object.values(filter).every((member) => member === undefined))
        throw new TypeError('revoke needs at least one member in its filter');
      return matching(filter).filter(({ key }) => rows.delete(key)).length;
    },
    async withdraw(resource_id, filter) {
      let touched = 0;
      for (const row of matching(filter)) {
        const { permissions } = row.grant;
        const left: Permission[] = permissions.filter((permission) => permission.resource_id !== resource_id);
        if (left.length === permissions.length) continue;
        touched += 1;
        if (left.length === 0) rows.delete(row.key);
        else rows.replace({ ...row, grant: { ...row.grant, permissions: left } });
      }
      return touched;
    },
  };
}
