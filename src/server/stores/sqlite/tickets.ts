import type { Document } from '../rows.ts';
import type { TakenTicket, TicketRecord, TicketStore } from '../types.ts';
import type { Database } from './database.ts';

/** Parameters: now, client, client. A ticket that no client has presented yet is anybody's. */
const USABLE = 'expires_at > ? AND (client_id IS NULL OR ? IS NULL OR client_id = ?)';

export function ticketStore(database: Database): TicketStore {
  const insert = database.prepare(
    'INSERT INTO tickets (key, chain, client_id, expires_at, data) VALUES (?, ?, ?, ?, ?)',
  );
  const take = database.prepare<Document>(
    `UPDATE tickets SET used = 1, client_id = coalesce(?, client_id) WHERE key = ? AND used = 0 AND ${USABLE} RETURNING data`,
  );
  const bind = database.prepare<Document>(
    `UPDATE tickets SET client_id = ? WHERE key = ? AND used = 0 AND ${USABLE} RETURNING data`,
  );
  const used = database.prepare<{ chain: string; client_id: string | null }>(
    'SELECT chain, client_id FROM tickets WHERE key = ? AND used = 1 AND expires_at > ?',
  );

  function spent(key: string, now: number): TakenTicket {
    const row = used.get(key, now);
    if (row === undefined) return { kind: 'unknown' };
    return { kind: 'used', chain: row.chain, ...(row.client_id === null ? {} : { client_id: row.client_id }) };
  }

  return {
    async put(ticket) {
      insert.run(ticket.key, ticket.chain, ticket.client_id ?? null, ticket.expires_at, JSON.stringify(ticket));
    },
    async take(key, now, client_id = undefined) {
      const client = client_id ?? null;
      const [row] = take.all(client, key, now, client, client);
      if (row !== undefined) return { kind: 'taken', ticket: JSON.parse(row.data) as TicketRecord };
      return spent(key, now);
    },
    async bind(key, now, client_id) {
      const [row] = bind.all(client_id, key, now, client_id, client_id);
      if (row === undefined) return spent(key, now);
      return { kind: 'taken', ticket: { ...(JSON.parse(row.data) as TicketRecord), client_id } };
    },
  };
}
