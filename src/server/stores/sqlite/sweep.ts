import { setImmediate } from 'node:timers/promises';
import { UPGRADE_GRACE } from '../rows.ts';
import type { Database } from './database.ts';

/** Rows removed at once; other work gets its turn in between. */
const BATCH = 2000;

const TABLES: readonly { name: string; id: string; grace: number }[] = [
  { name: 'tickets', id: 'key', grace: 0 },
  { name: 'rpts', id: 'key', grace: UPGRADE_GRACE },
  { name: 'refreshes', id: 'key', grace: 0 },
  { name: 'pcts', id: 'key', grace: 0 },
  { name: 'artifacts', id: '(kind, id)', grace: 0 },
  { name: 'once', id: 'key', grace: 0 },
  { name: 'limits', id: 'key', grace: 0 },
];

export function sweeper(database: Database): (now: number) => Promise<number> {
  const removals = TABLES.map(({ name, id, grace }) => ({
    grace,
    remove: database.prepare(
      `DELETE FROM ${name} WHERE ${id} IN
       (SELECT ${id.replace(/[()]/g, '')} FROM ${name} WHERE expires_at <= ? LIMIT ${BATCH})`,
    ),
  }));
  return async (now) => {
    let total = 0;
    for (const { remove, grace } of removals) {
      let removed = remove.run(now - grace);
      total += removed;
      while (removed === BATCH) {
        await setImmediate();
        removed = remove.run(now - grace);
        total += removed;
      }
    }
    return total;
  };
}
