import type { StoredRecord } from '../records.ts';
import type { TakenTicket, TicketRecord, TicketStore } from '../types.ts';
import { type Held, held } from './held.ts';

/** A ticket as it was put, and the client that it was bound to since. */
type Row = TicketRecord & { bound?: string };

export function ticketsHeld(): TicketStore & Pick<Held<Row, never>, 'sweep'> & { records(): Iterable<StoredRecord> } {
  const rows = held<Row>({ own: ['chain'], by: {} });

  /** Changes a ticket that this client may use now; what it is instead where it may not. */
  function use(key: string, now: number, client_id: string | undefined, take: boolean): TakenTicket {
    const found = rows.get(key);
    if (found === undefined || found.record.expires_at <= now) return { kind: 'unknown' };
    const { bound, ...ticket } = found.record;
    const whose = bound ?? ticket.client_id;
    if (found.used) return { kind: 'used', chain: ticket.chain, ...(whose === undefined ? {} : { client_id: whose }) };
    if (whose !== undefined && client_id !== undefined && whose !== client_id) return { kind: 'unknown' };
    if (whose === undefined && client_id !== undefined) rows.rewrite({ ...ticket, bound: client_id });
    if (take) rows.use(key);
    return { kind: 'taken', ticket: take ? ticket : boundTo(ticket, client_id) };
  }

  return {
    async put(ticket) {
      rows.add(ticket);
    },
    async take(key, now, client_id = undefined) {
      return use(key, now, client_id, true);
    },
    async bind(key, now, client_id) {
      return use(key, now, client_id, false);
    },
    sweep: rows.sweep,
    *records() {
      for (const { record, used } of rows.all()) {
        const { bound, ...ticket } = record;
        yield { kind: 'ticket', record: boundTo(ticket, bound), used };
      }
    },
  };
}

const boundTo = (ticket: TicketRecord, client_id: string | undefined): TicketRecord =>
  client_id === undefined ? ticket : { ...ticket, client_id };
