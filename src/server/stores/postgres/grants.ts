/** RPTs and refresh tokens: one shape of table, and withdrawal by filter. */

import type { Permission } from '../../../protocol/permission.ts';
import { type Document, GRANT_COLUMNS, grantValues, read } from '../rows.ts';
import type { GrantFilter, RefreshRecord, RefreshStore, RptRecord, RptStore } from '../types.ts';
import type { Connection, Database, Statement } from './database.ts';

export function rptStore(database: Database): RptStore {
  const insert = database.prepare(`INSERT INTO rpts (${GRANT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`);
  const live = database.prepare<Document>('SELECT data FROM rpts WHERE key = $1 AND expires_at > $2');
  const any = database.prepare<Document>('SELECT data FROM rpts WHERE key = $1');
  const remove = database.prepare('DELETE FROM rpts WHERE key = $1');

  return {
    async put(rpt) {
      await insert.run(...grantValues(rpt));
    },
    async get(key, now, options) {
      return read<RptRecord>(await (options?.allowExpired ? any.get(key) : live.get(key, now)));
    },
    async delete(key) {
      return (await remove.run(key)) > 0;
    },
    ...withdrawalFrom(database, 'rpts'),
  };
}

export function refreshStore(database: Database): RefreshStore {
  const insert = database.prepare(
    `INSERT INTO refreshes (${GRANT_COLUMNS}, family) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
  );
  const take = database.prepare<Document>(
    `UPDATE refreshes SET used = true WHERE key = $1 AND NOT used AND expires_at > $2 AND client_id = $3 RETURNING data`,
  );
  const used = database.prepare<{ family: string }>(
    'SELECT family FROM refreshes WHERE key = $1 AND used AND expires_at > $2 AND client_id = $3',
  );
  const live = database.prepare<Document>('SELECT data FROM refreshes WHERE key = $1 AND NOT used AND expires_at > $2');
  const any = database.prepare<Document>('SELECT data FROM refreshes WHERE key = $1 AND expires_at > $2');
  const remove = database.prepare('DELETE FROM refreshes WHERE key = $1');
  const removeFamily = database.prepare(
    'DELETE FROM refreshes WHERE key IN (SELECT key FROM refreshes WHERE family = $1 ORDER BY key FOR UPDATE)',
  );

  return {
    async put(refresh) {
      await insert.run(...grantValues(refresh), refresh.family);
    },
    async take(key, now, client_id) {
      const row = await take.get(key, now, client_id);
      if (row !== undefined) return { kind: 'taken', refresh: JSON.parse(row.data) as RefreshRecord };
      const spent = await used.get(key, now, client_id);
      return spent === undefined ? { kind: 'unknown' } : { kind: 'used', family: spent.family };
    },
    async get(key, now, options) {
      return read<RefreshRecord>(await (options?.allowUsed ? any : live).get(key, now));
    },
    async delete(key) {
      return (await remove.run(key)) > 0;
    },
    revokeFamily: (family) => untilNoneIsLeft(() => removeFamily.run(family)),
    ...withdrawalFrom(database, 'refreshes'),
  };
}

/**
 * A statement sees what was committed when it began. Whoever puts a successor of a row that is being withdrawn looks at that row
 * afterwards (refreshRpt), and may still have found it: then the successor is there by now.
 */
async function untilNoneIsLeft(withdraw: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let count = await withdraw(); count > 0; count = await withdraw()) total += count;
  return total;
}

/** @param first number of the first parameter. */
function condition({ party, ...members }: GrantFilter, first: number): { sql: string; values: string[] } {
  const given = [
    ['owner', members.owner],
    ['rs', members.rs],
    ['client_id', members.client_id],
    ['chain', members.chain],
    ['party_iss', party?.iss],
    ['party_sub', party?.sub],
  ].filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    sql: given.map(([column], index) => `${column} = $${first + index}`).join(' AND '),
    values: given.map(([, value]) => value),
  };
}

function withdrawalFrom(database: Database, table: 'rpts' | 'refreshes'): Pick<RptStore, 'revoke' | 'withdraw'> {
  const prepared = new Map<string, Statement<unknown>>();
  function statement<Row>(sql: string): Statement<Row> {
    const found = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, found);
    return found as Statement<Row>;
  }
  const remove = database.prepare(`DELETE FROM ${table} WHERE key = ANY ($1)`);
  const rewrite = database.prepare(
    `UPDATE ${table} SET data = changed.data FROM unnest($1::text[], $2::text[]) AS changed (key, data) WHERE ${table}.key = changed.key`,
  );

  return {
    async revoke(filter) {
      const { sql, values } = condition(filter, 1);
      // A filter emptied by a fault of the caller must not withdraw everybody's access.
      if (values.length === 0) throw new TypeError('revoke needs at least one member in its filter');
      // Locked in one order, so that two withdrawals at once wait for each other and never block each other.
      const locked = `SELECT key FROM ${table} WHERE ${sql} ORDER BY key FOR UPDATE`;
      const removal = statement(`DELETE FROM ${table} WHERE key IN (${locked})`);
      return untilNoneIsLeft(() => removal.run(...values));
    },
    async withdraw(resource_id, filter) {
      const { sql, values } = condition(filter, 2);
      // The text search is only a fast sieve: what it lets through is read and compared exactly.
      const where = [sql, 'strpos(data, $1) > 0'].filter((part) => part !== '').join(' AND ');
      const sieve = statement<Document & { key: string }>(
        `SELECT key, data FROM ${table} WHERE ${where} ORDER BY key FOR UPDATE`,
      );
      const once = async (connection: Connection) => {
        const emptied: string[] = [];
        const left: [key: string, data: string][] = [];
        for (const { key, data } of await sieve.on(connection).all(JSON.stringify(resource_id), ...values)) {
          const grant = JSON.parse(data) as { permissions: Permission[] };
          const permissions = grant.permissions.filter((permission) => permission.resource_id !== resource_id);
          if (permissions.length === grant.permissions.length) continue;
          if (permissions.length === 0) emptied.push(key);
          else left.push([key, JSON.stringify({ ...grant, permissions })]);
        }
        if (emptied.length > 0) await remove.on(connection).run(emptied);
        if (left.length > 0) {
          await rewrite.on(connection).run(
            left.map(([key]) => key),
            left.map(([, data]) => data),
          );
        }
        return emptied.length + left.length;
      };
      return untilNoneIsLeft(() => database.transaction(once));
    },
  };
}
