import type { DecisionStore } from '../types.ts';
import type { Database } from './database.ts';

/** The counting is done by triggers (schema.ts), so that no write can forget it. */
export function decisionStore(database: Database): DecisionStore {
  const select = database.prepare<{ version: number }>('SELECT version FROM decisions WHERE owner = ?');
  const row = database.keep((owner: string) => select.get(owner), ['resources', 'policies', 'requests']);
  return {
    async version(owner) {
      return row(owner)?.version ?? 0;
    },
  };
}
