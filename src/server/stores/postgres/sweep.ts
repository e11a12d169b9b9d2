import { UPGRADE_GRACE } from '../rows.ts';
import type { Database } from './database.ts';

/** Rows removed by one statement, which holds their locks for a few milliseconds. */
const BATCH = 500;

const TABLES: readonly { name: string; grace: number }[] = [
  { name: 'tickets', grace: 0 },
  { name: 'rpts', grace: UPGRADE_GRACE },
  { name: 'refreshes', grace: 0 },
  { name: 'pcts', grace: 0 },
  { name: 'artifacts', grace: 0 },
  { name: 'once', grace: 0 },
  { name: 'limits', grace: 0 },
];

/** What a request or the sweep of another instance holds is passed over; the next sweep finds it. */
export function sweeper(database: Database): (now: number) => Promise<number> {
  const removals = TABLES.map(({ name, grace }) => ({
    grace,
    remove: database.prepare(
      `DELETE FROM ${name} WHERE ctid = ANY (ARRAY
         (SELECT ctid FROM ${name} WHERE expires_at <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`,
    ),
  }));
  return async (now) => {
    let total = 0;
    for (const { remove, grace } of removals) {
      let removed: number;
      do {
        removed = await remove.run(now - grace);
        total += removed;
      } while (removed === BATCH);
    }
    return total;
  };
}
