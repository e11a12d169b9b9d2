import { type Document, GRANT_COLUMNS, grantValues, read } from '../rows.ts';
import type { RefreshRecord, RefreshStore } from '../types.ts';
import type { Database } from './database.ts';
import { withdrawalFrom } from './grants.ts';

export function refreshStore(database: Database): RefreshStore {
  const insert = database.prepare(
    `INSERT INTO refreshes (${GRANT_COLUMNS}, family) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const take = database.prepare<Document>(
    'UPDATE refreshes SET used = 1 WHERE key = ? AND used = 0 AND expires_at > ? AND client_id = ? RETURNING data',
  );
  const used = database.prepare<{ family: string }>(
    'SELECT family FROM refreshes WHERE key = ? AND used = 1 AND expires_at > ? AND client_id = ?',
  );
  const live = database.prepare<Document>('SELECT data FROM refreshes WHERE key = ? AND used = 0 AND expires_at > ?');
  const any = database.prepare<Document>('SELECT data FROM refreshes WHERE key = ? AND expires_at > ?');
  const remove = database.prepare('DELETE FROM refreshes WHERE key = ?');
  const removeFamily = database.prepare('DELETE FROM refreshes WHERE family = ?');
  const withdrawal = withdrawalFrom(database, 'refreshes');

  return {
    async put(refresh) {
      insert.run(...grantValues(refresh), refresh.family);
    },
    async take(key, now, client_id) {
      const [row] = take.all(key, now, client_id);
      if (row !== undefined) return { kind: 'taken', refresh: JSON.parse(row.data) as RefreshRecord };
      const spent = used.get(key, now, client_id);
      return spent === undefined ? { kind: 'unknown' } : { kind: 'used', family: spent.family };
    },
    async get(key, now, options) {
      return read<RefreshRecord>((options?.allowUsed ? any : live).get(key, now));
    },
    async delete(key) {
      return remove.run(key) > 0;
    },
    async revokeFamily(family) {
      return removeFamily.run(family);
    },
    async revoke(filter) {
      return withdrawal.revoke(filter);
    },
    async withdraw(resource_id, filter) {
      return withdrawal.withdraw(resource_id, filter);
    },
  };
}
