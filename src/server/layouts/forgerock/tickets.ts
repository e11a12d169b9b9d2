/** Permission tickets as AM's: an HS256 JWT around the house's random id, which alone decides. */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { isObject } from '../../../protocol/http.ts';
import type { ForgerockTicketClaims } from '../../../wire/forgerock.ts';
import type { SigningKeys } from '../../oauth/keys.ts';
import type { TicketDress } from '../layout.ts';

/** No id of a ticket: one that comes without its dress, or in another's, is unknown. */
const foreign = (ticket: string): string => `!${ticket}`;
const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');

export function forgerockTickets({ issuer, keys }: { issuer: string; keys: SigningKeys }): TicketDress {
  const key = createSecretKey(keys.derive('forgerock-tickets'));
  const sign = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    dress(tid, exp) {
      const claims: ForgerockTicketClaims = {
        aud: issuer,
        iss: issuer,
        it: 1,
        exp,
        tid,
        forgerock: { sig: sign(tid).toString('base64url') },
      };
      const text = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
      return `${text}.${sign(text).toString('base64url')}`;
    },
    undress(ticket) {
      const [header, payload, signature, ...more] = ticket.split('.');
      if (header !== HEADER || payload === undefined || signature === undefined || more.length > 0)
        return foreign(ticket);
      const [given, made] = [Buffer.from(signature, 'base64url'), sign(`${header}.${payload}`)];
      if (given.length !== made.length || !timingSafeEqual(given, made)) return foreign(ticket);
      const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
      return isObject(claims) && typeof claims.tid === 'string' ? claims.tid : foreign(ticket);
    },
  };
}
