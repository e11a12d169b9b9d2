/** Which client asks at Keycloak's token endpoints: by Basic or in the form, whichever it likes; both names for a failure are Keycloak's. */
import type { FastifyRequest } from 'fastify';
import type { Client } from 'oidc-provider';
import { Refusal } from '../../http/refusal.ts';
import { TooManyAttempts } from '../../oauth/attempts.ts';
import { authenticateClient } from '../../oauth/client-authentication.ts';
import type { LayoutServices } from '../layout.ts';
import { invalidClient, wrongSecret } from './errors.ts';

export interface Presented {
  client: Client;
  /** Basic credentials that say the same: what the OAuth core wants to see. Absent for a public client. */
  authorization?: string;
}

/** @throws Refusal 401 `invalid_client` or `unauthorized_client`; TooManyAttempts. */
export async function presentedClient(
  services: Pick<LayoutServices, 'provider' | 'attempts'>,
  { headers: { authorization }, ip }: Pick<FastifyRequest, 'headers' | 'ip'>,
  form: URLSearchParams,
): Promise<Presented> {
  const members = Object.fromEntries(form);
  const basic = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  const written = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8');
  const id = written === undefined ? members.client_id : decoded(written.split(':')[0]!);
  const client = id === undefined ? undefined : await services.provider.Client.find(id);
  if (client?.clientAuthMethod === 'none') return { client };
  try {
    const shown = { authorization: basic === undefined ? undefined : authorization, form: members, address: ip };
    await authenticateClient(services, shown);
  } catch (error) {
    if (!(error instanceof Refusal) || error instanceof TooManyAttempts) throw error;
    throw client === undefined ? invalidClient() : wrongSecret();
  }
  if (client === undefined) throw invalidClient();
  const encode = (part: string) => encodeURIComponent(part);
  const pair = `${encode(client.clientId)}:${encode(members.client_secret ?? '')}`;
  return {
    client,
    authorization: written === undefined ? `Basic ${Buffer.from(pair).toString('base64')}` : authorization!,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
