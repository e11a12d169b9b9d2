/** Permission tickets in a layout's dress: put on where tickets leave the services, taken off where they come back. */
import type { Authority } from '../authorization/authority.ts';
import type { ClaimsInteractions } from '../authorization/claims-interaction.ts';
import type { TicketDress } from './layout.ts';

/** @param ttl seconds that a ticket lives. */
export function dressedAuthority(authority: Authority, { dress, undress }: TicketDress, ttl: number): Authority {
  return {
    ...authority,
    async issueTicket(domain, permissions, now, until = Number.POSITIVE_INFINITY) {
      const id = await authority.issueTicket(domain, permissions, now, until);
      return dress(id, Math.min(now + ttl, until), { ...domain, permissions });
    },
    async redeem(params, context) {
      const { ticket } = params;
      const answer = await authority.redeem(
        ticket === undefined ? params : { ...params, ticket: undress(ticket) },
        context,
      );
      if (typeof answer.body.ticket === 'string') answer.body.ticket = dress(answer.body.ticket, context.now + ttl);
      return answer;
    },
  };
}

export function dressedInteractions(
  interactions: ClaimsInteractions,
  { dress, undress }: TicketDress,
  ttl: number,
): ClaimsInteractions {
  return {
    ...interactions,
    open: (client, redirect_uri, params, now) =>
      interactions.open(
        client,
        redirect_uri,
        params.ticket === undefined ? params : { ...params, ticket: undress(params.ticket) },
        now,
      ),
    async finish(id, interaction, answer, now) {
      const address = await interactions.finish(id, interaction, answer, now);
      if (address === undefined) return undefined;
      const url = new URL(address);
      const ticket = url.searchParams.get('ticket');
      if (ticket === null) return address;
      url.searchParams.set('ticket', dress(ticket, now + ttl));
      return url.href;
    },
  };
}
