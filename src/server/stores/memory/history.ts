import type { StoredRecord } from '../records.ts';
import { pageOf, partyParts } from '../rows.ts';
import type { HistoryRecord, HistoryStore } from '../types.ts';
import { held } from './held.ts';

/** Entries of all owners that are remembered; each exchange writes one, and nothing else ends them. */
const KEPT = 100_000;

type Row = HistoryRecord & { key: string; expires_at: number };

/** Value of an index of one owner's entries. */
const of = (owner: string, ...parts: string[]): string => JSON.stringify([owner, ...parts]);

/** The newest {@link KEPT} entries. */
export function historyHeld(): HistoryStore & { records(): StoredRecord[] } {
  const rows = held<Row, 'owner' | 'type' | 'resource_id' | 'party'>({
    own: ['id'],
    by: {
      owner: ({ owner }) => owner,
      type: ({ owner, type }) => of(owner, type),
      resource_id: ({ owner, resource_id = '' }) => of(owner, resource_id),
      party: ({ owner, party }) => of(owner, ...(party === undefined ? [] : partyParts(party))),
    },
  });
  /** Keys are numbers in the order of entries. */
  let last = 0;
  const plain = ({ key: _key, expires_at: _end, ...entry }: Row): HistoryRecord => entry;

  return {
    async append(entry) {
      if (rows.size >= KEPT) rows.delete(String(last + 1 - KEPT));
      last += 1;
      rows.add({ ...entry, key: String(last), expires_at: Number.POSITIVE_INFINITY });
    },
    async list(owner, { type, resource_id, party }, { limit, after }) {
      // The one that most likely has the fewest.
      const near =
        party !== undefined
          ? rows.with('party', of(owner, ...partyParts(party)), after)
          : resource_id !== undefined
            ? rows.with('resource_id', of(owner, resource_id), after)
            : type !== undefined
              ? rows.with('type', of(owner, type), after)
              : rows.with('owner', owner, after);
      const page: (Row & { seq: number })[] = [];
      for (const { record } of near) {
        if (type !== undefined && record.type !== type) continue;
        if (resource_id !== undefined && record.resource_id !== resource_id) continue;
        page.push({ ...record, seq: Number(record.key) });
        if (page.length > limit) break;
      }
      return pageOf(page, limit, ({ seq: _seq, ...row }) => plain(row));
    },
    records: () =>
      [...rows.all()]
        .map(({ record }) => record)
        .sort((a, b) => Number(a.key) - Number(b.key))
        .map((row) => ({ kind: 'history', record: plain(row) })),
  };
}
