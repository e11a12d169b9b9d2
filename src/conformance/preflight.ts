/** What is looked at before the first check: a mistake in the configuration must not end as a finding about the server. */
import { UmaError } from '../protocol/errors.ts';
import { unguessable } from './jws.ts';
import type { Session } from './session.ts';

/**
 * Sends a ticket that nobody has by each client with a secret. A server answers anything else before `invalid_client` only to a client
 * that it knows (RFC 6749 5.2).
 * @throws UmaError `client_rejected` (authentication) that names the client.
 */
export async function checkClients(session: Session): Promise<void> {
  const { clients, resource_servers } = session.config;
  const secret = [...resource_servers, ...Object.values(clients)].filter(({ client_secret }) => client_secret);
  const answers = secret.map(async (client) => {
    const members = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', ticket: unguessable() };
    const { status, json } = await session.send(session.tokenRequest(client, members));
    return status === 401 && json.error === 'invalid_client' ? client : undefined;
  });
  const rejected = (await Promise.all(answers)).find((client) => client !== undefined);
  if (rejected === undefined) return;
  const { client_id, method } = rejected;
  throw new UmaError(
    'authentication',
    'client_rejected',
    `${session.config.issuer} does not accept the client ${client_id}`,
    {
      hint: `check its secret in the configuration, and that the server expects ${method} of it`,
      spec: 'RFC 6749 5.2',
    },
  );
}
