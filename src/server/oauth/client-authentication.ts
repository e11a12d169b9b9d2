/** Client authentication for our own endpoints: RFC 6749 2.3.1, Basic or in the form. */
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { Refusal } from '../http/refusal.ts';
import type { Attempts } from './attempts.ts';

export interface ClientCheck {
  provider: Provider;
  attempts: Attempts;
}

/** What a request says of its client. */
export interface Presented {
  authorization: string | undefined;
  form: Readonly<{ client_id?: string | undefined; client_secret?: string | undefined }>;
  /** Of the peer. */
  address: string;
}

/**
 * The client that proved itself.
 * @throws Refusal 401 `invalid_client`, with a Basic challenge where Basic was tried; TooManyAttempts.
 */
export async function authenticateClient(
  { provider, attempts }: ClientCheck,
  { authorization, form, address }: Presented,
): Promise<Client> {
  const basic = authorization !== undefined;
  const refusal = () =>
    new Refusal(
      401,
      'invalid_client',
      'client authentication failed',
      basic ? { 'www-authenticate': `Basic realm="${provider.issuer}", error="invalid_client"` } : {},
    );
  const pair = basic ? readBasic(authorization) : { id: form.client_id, secret: form.client_secret };
  if (pair?.id === undefined || pair.secret === undefined) throw refusal();
  const { id, secret } = pair;
  const proven = await attempts.guard({ of: 'client', account: id, address }, () =>
    clientWithSecret(provider, id, secret),
  );
  if (proven === undefined) throw refusal();
  return proven;
}

/** The client of this id, if this is its secret and it may prove itself by one. Counts nothing. */
export async function clientWithSecret(provider: Provider, id: string, secret: string): Promise<Client | undefined> {
  const client = await provider.Client.find(id);
  const method = client?.clientAuthMethod;
  if (client === undefined || (method !== 'client_secret_basic' && method !== 'client_secret_post')) return undefined;
  const { clientSecretExpiresAt: expiry } = client;
  if (typeof expiry === 'number' && expiry !== 0 && expiry * 1000 <= Date.now()) return undefined;
  return (await client.compareClientSecret(secret)) ? client : undefined;
}

/** The pair of a Basic header (RFC 6749 2.3.1); undefined for anything else. */
export function readBasic(authorization: string): { id: string; secret: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return undefined;
  try {
    const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
    return { id: decode(pair.slice(0, colon)), secret: decode(pair.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}
