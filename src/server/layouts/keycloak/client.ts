/** Which client asks at Keycloak's token endpoints: by Basic or in the form, whichever it likes; both names for a failure are Keycloak's. */
import type { FastifyRequest } from 'fastify';
import type { Client } from 'oidc-provider';
import { Refusal } from '../../http/refusal.ts';
import { TooManyAttempts } from '../../oauth/attempts.ts';
import { authenticateClient } from '../../oauth/client-authentication.ts';
import type { LayoutServices } from '../layout.ts';
import { invalidClient, wrongSecret } from './errors.ts';

const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i;

/** @throws Refusal 401 `invalid_client` or `unauthorized_client`; TooManyAttempts. */
export async function presentedClient(
  services: Pick<LayoutServices, 'provider' | 'attempts'>,
  { headers: { authorization }, ip: address }: Pick<FastifyRequest, 'headers' | 'ip'>,
  form: URLSearchParams,
): Promise<Client> {
  const basic = BASIC.exec(authorization ?? '')?.[1];
  const members = {
    client_id: form.get('client_id') ?? undefined,
    client_secret: form.get('client_secret') ?? undefined,
  };
  const id = basic === undefined ? members.client_id : idIn(basic);
  const client = id === undefined ? undefined : await services.provider.Client.find(id);
  if (client?.clientAuthMethod === 'none') return client;
  try {
    const shown = { authorization: basic === undefined ? undefined : authorization, form: members, address };
    return await authenticateClient(services, shown);
  } catch (error) {
    if (!(error instanceof Refusal) || error instanceof TooManyAttempts) throw error;
    throw client === undefined ? invalidClient() : wrongSecret();
  }
}

/** What {@link presentedClient} has seen as Basic credentials, which is how the OAuth core wants them; undefined for a public client. */
export function asBasic(
  { clientId, clientAuthMethod }: Client,
  authorization: string | undefined,
  form: URLSearchParams,
): string | undefined {
  if (clientAuthMethod === 'none') return undefined;
  if (BASIC.test(authorization ?? '')) return authorization;
  const pair = [clientId, form.get('client_secret') ?? ''].map(encodeURIComponent).join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function idIn(basic: string): string {
  const [id = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  try {
    return decodeURIComponent(id.replaceAll('+', ' '));
  } catch {
    return id;
  }
}
