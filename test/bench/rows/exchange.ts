/** Permission ticket to RPT: the permission request, and the token request with its ticket and Bob's claim token (UMA Grant 3.3.1). */
import { ID_TOKEN_FORMAT } from '../../../src/protocol/claims.ts';
import { clientAuthentication, formBody } from '../../../src/protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../../src/protocol/outcome.ts';
import { beside } from '../load.ts';
import type { AuthorizationServer } from '../processes.ts';
import { type Chain, type Row, rated } from '../row.ts';
import { permissionShot } from './permission.ts';

export function exchangeChain(server: AuthorizationServer): Chain {
  const members = {
    grant_type: UMA_TICKET_GRANT,
    claim_token: server.claim_token,
    claim_token_format: ID_TOKEN_FORMAT,
  };
  return {
    permission: permissionShot(server),
    token: {
      method: 'POST',
      path: '/token',
      headers: {
        Authorization: clientAuthentication(server.client).headers.authorization!,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: `${formBody(members)}&ticket=`,
    },
  };
}

export const exchange: Row = {
  id: 'exchange',
  async run({ load, bare, as }) {
    const server = await as();
    const measured = await beside(load, await bare(), server, exchangeChain(server));
    return [rated('ticket -> RPT exchanges (two requests)', measured, 1 / 20)];
  },
};
