import type { Document } from '../rows.ts';
import type { TakenTicket, TicketRecord, TicketStore } from '../types.ts';
import type { Database } from './database.ts';

/** $1 key, $2 now, $3 client. A ticket that no client has presented yet is anybody's. */
const USABLE =
  'key = $1 AND NOT used AND expires_at > $2 AND (client_id IS NULL OR $3::text IS NULL OR client_id = $3)';

export function ticketStore(database: Database): TicketStore {
  const insert = database.prepare(
    'INSERT INTO tickets (key, chain, client_id, expires_at, data) VALUES ($1, $2, $3, $4, $5)',
  );
  // Of several at once all but one wait for its commit, look again and find the ticket used.
  const take = database.prepare<Document>(
    `UPDATE tickets SET used = true, client_id = coalesce($3, client_id) WHERE ${USABLE} RETURNING data`,
  );
  const bind = database.prepare<Document>(`UPDATE tickets SET client_id = $3 WHERE ${USABLE} RETURNING data`);
  const used = database.prepare<{ chain: string; client_id: string | null }>(
    'SELECT chain, client_id FROM tickets WHERE key = $1 AND used AND expires_at > $2',
  );

  /** A statement of its own: the one that lost still sees the ticket as it was when it began. */
  async function spent(key: string, now: number): Promise<TakenTicket> {
    const row = await used.get(key, now);
    if (row === undefined) return { kind: 'unknown' };
    return { kind: 'used', chain: row.chain, ...(row.client_id === null ? {} : { client_id: row.client_id }) };
  }

  return {
    async put(ticket) {
      await insert.run(ticket.key, ticket.chain, ticket.client_id ?? null, ticket.expires_at, JSON.stringify(ticket));
    },
    async take(key, now, client_id = undefined) {
      const row = await take.get(key, now, client_id ?? null);
      if (row !== undefined) return { kind: 'taken', ticket: JSON.parse(row.data) as TicketRecord };
      return spent(key, now);
    },
    async bind(key, now, client_id) {
      const row = await bind.get(key, now, client_id);
      if (row === undefined) return spent(key, now);
      return { kind: 'taken', ticket: { ...(JSON.parse(row.data) as TicketRecord), client_id } };
    },
  };
}
