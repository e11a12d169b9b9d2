import type { StoredRecord } from '../records.ts';
import type { TakenTicket, TicketRecord, TicketStore } from '../types.ts';
import { type Held, held } from './held.ts';

interface Row {
  key: string;
  expires_at: number;
  /** As it was put, or with the client that it was bound to since. */
  ticket: TicketRecord;
  used: boolean;
}

export function ticketsHeld(): TicketStore & Pick<Held<Row>, 'sweep'> & { records(): StoredRecord[] } {
  const rows = held<Row>([]);

  /** Changes a ticket that this client may use now; what it is instead where it may not. */
  function use(key: string, now: number, client_id: string | undefined, used: boolean): TakenTicket {
    const row = rows.get(key);
    if (row === undefined || row.expires_at <= now) return { kind: 'unknown' };
    const { ticket } = row;
    const { chain } = ticket;
    if (row.used)
      return { kind: 'used', chain, ...(ticket.client_id === undefined ? {} : { client_id: ticket.client_id }) };
    if (ticket.client_id !== undefined && client_id !== undefined && ticket.client_id !== client_id)
      return { kind: 'unknown' };
    const bound = client_id === undefined ? ticket : { ...ticket, client_id };
    rows.replace({ ...row, ticket: bound, used });
    return { kind: 'taken', ticket: used ? ticket : bound };
  }

  return {
    async put(ticket) {
      rows.add({ key: ticket.key, expires_at: ticket.expires_at, ticket, used: false });
    },
    async take(key, now, client_id = undefined) {
      return use(key, now, client_id, true);
    },
    async bind(key, now, client_id) {
      return use(key, now, client_id, false);
    },
    sweep: rows.sweep,
    records: () => rows.with(undefined).map(({ ticket, used }) => ({ kind: 'ticket', record: ticket, used })),
  };
}
