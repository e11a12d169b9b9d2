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
  check: ClientCheck,
  { authorization, form, address }: Presented,
): Promise<Client> {
  const { provider } = check;
  const basic = authorization !== undefined;
  const refusal = () =>
    new Refusal(
      401,
      'invalid_client',
      'client authentication failed',
      basic ? { 'www-authenticate': challenge(provider.issuer) } : {},
    );
  const pair = basic ? readBasic(authorization) : { id: form.client_id, secret: form.client_secret };
  if (pair?.id === undefined || pair.secret === undefined) throw refusal();
  const proven = await provenClient(check, pair as Credentials, await provider.Client.find(pair.id), address);
  if (proven === undefined) throw refusal();
  return proven;
}

export interface Credentials {
  id: string;
  secret: string;
}

/**
 * The client if that is its secret, counted as an attempt.
 * @param client the one of this id, looked for before: nothing is waited for between the check of attempts and the comparison, so no guess gets in uncounted.
 * @throws TooManyAttempts
 */
export function provenClient(
  { attempts }: Pick<ClientCheck, 'attempts'>,
  { id, secret }: Credentials,
  client: Client | undefined,
  address: string,
): Promise<Client | undefined> {
  return attempts.guard({ of: 'client', account: id, address }, async () =>
    client !== undefined && (await hasSecret(client, secret)) ? client : undefined,
  );
}

/** As oidc-provider writes it. */
const challenge = (issuer: string): string =>
  `Basic realm="${issuer}", error="invalid_client", error_description="client authentication failed"`;

async function hasSecret(client: Client, secret: string): Promise<boolean> {
  const { clientAuthMethod: method, clientSecretExpiresAt: expiry } = client;
  if (method !== 'client_secret_basic' && method !== 'client_secret_post') return false;
  if (typeof expiry === 'number' && expiry !== 0 && expiry * 1000 <= Date.now()) return false;
  return client.compareClientSecret(secret);
}

/** RFC 6749 A.1, A.2. */
const VSCHAR = /^[\x20-\x7e]*$/;

/** The pair of a Basic header (RFC 6749 2.3.1); undefined for anything else. */
export function readBasic(authorization: string): Credentials | undefined {
  const [, encoded, digits = ''] = /^basic (([A-Za-z0-9+/]+)={0,2})$/i.exec(authorization) ?? [];
  // Padding may be left out, not be wrong.
  if (encoded === undefined || digits.length % 4 === 1) return undefined;
  if (encoded !== digits && encoded.length % 4 !== 0) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return undefined;
  try {
    const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
    const [id, secret] = [decode(pair.slice(0, colon)), decode(pair.slice(colon + 1))];
    return VSCHAR.test(id) && VSCHAR.test(secret) ? { id, secret } : undefined;
  } catch {
    return undefined;
  }
}
