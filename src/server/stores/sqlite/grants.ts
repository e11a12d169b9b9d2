/** What RPTs and refresh tokens have in common: their columns, and withdrawal by filter. */

import type { Permission } from '../../../protocol/permission.ts';
import type { Document } from '../rows.ts';
import type { GrantFilter } from '../types.ts';
import type { Database, Statement, Value } from './database.ts';

function condition({ party, ...members }: GrantFilter): { sql: string; values: Value[] } {
  const entries: [string, string | undefined][] = [
    ['owner', members.owner],
    ['rs', members.rs],
    ['client_id', members.client_id],
    ['chain', members.chain],
    ['party_iss', party?.iss],
    ['party_sub', party?.sub],
  ];
  const given = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { sql: given.map(([column]) => `${column} = ?`).join(' AND '), values: given.map(([, value]) => value) };
}

export interface Withdrawal {
  revoke(filter: GrantFilter): number;
  withdraw(resource_id: string, filter: GrantFilter): number;
}

export function withdrawalFrom(database: Database, table: 'rpts' | 'refreshes'): Withdrawal {
  const prepared = new Map<string, Statement<unknown>>();
  function statement<Row>(sql: string): Statement<Row> {
    const found = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, found);
    return found as Statement<Row>;
  }

  return {
    revoke(filter) {
      const { sql, values } = condition(filter);
      // A filter emptied by a fault of the caller must not withdraw everybody's access.
      if (values.length === 0) throw new TypeError('revoke needs at least one member in its filter');
      return statement(`DELETE FROM ${table} WHERE ${sql}`).run(...values);
    },
    withdraw(resource_id, filter) {
      const { sql, values } = condition(filter);
      // The text search is only a fast sieve: what it lets through is read and compared exactly.
      const sieve = statement<Document & { key: string }>(
        `SELECT key, data FROM ${table} WHERE ${[sql, 'instr(data, ?)'].filter((part) => part !== '').join(' AND ')}`,
      );
      return database.transaction(() => {
        let touched = 0;
        for (const { key, data } of sieve.all(...values, JSON.stringify(resource_id))) {
          const grant = JSON.parse(data) as { permissions: Permission[] };
          const permissions = grant.permissions.filter((permission) => permission.resource_id !== resource_id);
          if (permissions.length === grant.permissions.length) continue;
          touched += 1;
          if (permissions.length === 0) statement(`DELETE FROM ${table} WHERE key = ?`).run(key);
          else
            statement(`UPDATE ${table} SET data = ? WHERE key = ?`).run(JSON.stringify({ ...grant, permissions }), key);
        }
        return touched;
      });
    },
  };
}
