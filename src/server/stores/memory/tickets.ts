import type { StoredRecord } from '../records.ts';
import type { TakenTicket, TicketRecord, TicketStore } from '../types.ts';
import { type Held, held } from './held.ts';

interface Row {
  key: string;
  expires_at: number;
  /** As it was put. */
  ticket: TicketRecord;
  /** Whose it is: the client that it was put for, or was bound to since. */
  client_id: string | undefined;
  used: boolean;
}

const boundTo = (ticket: TicketRecord, client_id: string | undefined): TicketRecord =>
  client_id === undefined ? ticket : { ...ticket, client_id };

export function ticketsHeld(): TicketStore & Pick<Held<Row>, 'sweep'> & { records(): StoredRecord[] } {
  const rows = held<Row>([]);

  /** Changes a ticket that this client may use now; what it is instead where it may not. */
  function use(key: string, now: number, client_id: string | undefined, used: boolean): TakenTicket {
    const row = rows.get(key);
    if (row === undefined || row.expires_at <= now) return { kind: 'unknown' };
    const { ticket, client_id: whose } = row;
    if (row.used) return { kind: 'used', chain: ticket.chain, ...(whose === undefined ? {} : { client_id: whose }) };
    if (whose !== undefined && client_id !== undefined && whose !== client_id) return { kind: 'unknown' };
    const bound = client_id ?? whose;
    rows.replace({ ...row, client_id: bound, used });
    return { kind: 'taken', ticket: used ? ticket : boundTo(ticket, bound) };
  }

  return {
    async put(ticket) {
      const { key, expires_at, client_id } = ticket;
      rows.add({ key, expires_at, ticket, client_id, used: false });
    },
    async take(key, now, client_id = undefined) {
      return use(key, now, client_id, true);
    },
    async bind(key, now, client_id) {
      return use(key, now, client_id, false);
    },
    sweep: rows.sweep,
    records: () =>
      rows
        .with(undefined)
        .map(({ ticket, client_id, used }) => ({ kind: 'ticket', record: boundTo(ticket, client_id), used })),
  };
}
