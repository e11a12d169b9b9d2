import { type Document, GRANT_COLUMNS, grantValues, read } from '../rows.ts';
import type { RptRecord, RptStore } from '../types.ts';
import type { Database } from './database.ts';
import { withdrawalFrom } from './grants.ts';

export function rptStore(database: Database): RptStore {
  const insert = database.prepare(`INSERT INTO rpts (${GRANT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const byKey = database.prepare<Document>('SELECT data FROM rpts WHERE key = ?');
  const remove = database.prepare('DELETE FROM rpts WHERE key = ?');
  const find = database.keep((key: string) => read<RptRecord>(byKey.get(key)), ['rpts'], { byKey: true });
  const withdrawal = withdrawalFrom(database, 'rpts');

  return {
    async put(rpt) {
      insert.run(...grantValues(rpt));
    },
    async get(key, now, options) {
      const found = find(key);
      return options?.allowExpired || (found !== undefined && found.expires_at > now) ? found : undefined;
    },
    async delete(key) {
      return remove.run(key) > 0;
    },
    async revoke(filter) {
      return withdrawal.revoke(filter);
    },
    async withdraw(resource_id, filter) {
      return withdrawal.withdraw(resource_id, filter);
    },
  };
}
