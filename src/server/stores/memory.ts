/** A server without a database file: what each exchange writes packed (memory/), all else in SQLite. Everything is gone with the process. */
import { refreshesHeld, rptsHeld } from './memory/grants.ts';
import { historyHeld } from './memory/history.ts';
import { ticketsHeld } from './memory/tickets.ts';
import { UPGRADE_GRACE } from './rows.ts';
import { openSqlite } from './sqlite.ts';
import type { Stores } from './types.ts';

/** @throws UmaError `store_unusable` (`config`). */
export async function openMemory(): Promise<Stores> {
  const rest = await openSqlite();
  const [tickets, rpts, refreshes, history] = [ticketsHeld(), rptsHeld(), refreshesHeld(), historyHeld()];
  return {
    ...rest,
    tickets,
    rpts,
    refreshes,
    history,
    async sweep(now) {
      const removed = [await tickets.sweep(now), await rpts.sweep(now - UPGRADE_GRACE), await refreshes.sweep(now)];
      return removed.reduce((sum, count) => sum + count, await rest.sweep(now));
    },
    async *records() {
      yield* rest.records();
      for (const { records } of [history, tickets, rpts, refreshes]) yield* records();
    },
  };
}
