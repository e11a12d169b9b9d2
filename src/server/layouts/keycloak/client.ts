/** Which client asks at Keycloak's token endpoints: by Basic or in the form, whichever it likes; both names for a failure are Keycloak's. */
import type { Client } from 'oidc-provider';
import type { Asked } from '../../http/short-way.ts';
import { provenClient, readBasic } from '../../oauth/client-authentication.ts';
import type { LayoutServices } from '../layout.ts';
import { invalidClient, wrongSecret } from './errors.ts';

const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i;

/** @throws Refusal 401 `invalid_client` or `unauthorized_client`; TooManyAttempts. */
export async function presentedClient(
  services: Pick<LayoutServices, 'provider' | 'attempts'>,
  { headers: { authorization = '' }, ip }: Pick<Asked, 'headers' | 'ip'>,
  form: URLSearchParams,
): Promise<Client> {
  const basic = BASIC.exec(authorization)?.[1];
  const shown =
    basic === undefined ? inForm(form) : (readBasic(authorization) ?? { id: idIn(basic), secret: undefined });
  const { id, secret } = shown;
  const client = id === undefined ? undefined : await services.provider.Client.find(id);
  if (client?.clientAuthMethod === 'none') return client;
  const proven =
    id === undefined || secret === undefined ? undefined : await provenClient(services, { id, secret }, client, ip);
  if (proven !== undefined) return proven;
  throw client === undefined ? invalidClient() : wrongSecret();
}

const inForm = (form: URLSearchParams) => ({
  id: form.get('client_id') ?? undefined,
  secret: form.get('client_secret') ?? undefined,
});

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

/** For the right refusal of what is no pair that a client could have. */
function idIn(basic: string): string {
  const [id = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  try {
    return decodeURIComponent(id.replaceAll('+', ' '));
  } catch {
    return id;
  }
}
