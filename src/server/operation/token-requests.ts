/** What watchers want to know of oidc-provider's token and revocation endpoints. */
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from '../../protocol/http.ts';
import { UMA_TICKET_GRANT } from '../../protocol/outcome.ts';
import { isOutage, OUTAGE, Refusal } from '../http/refusal.ts';

export interface SeenTokenRequest {
  endpoint: 'token' | 'revocation';
  /** As an operator reads it; `other` for what this server has no name for. Undefined at revocation. */
  grant_type: string | undefined;
  /** `granted`, or the code of the error. */
  outcome: string;
  /** Only where the client proved itself. */
  client_id: string | undefined;
  /** Of the person, where the grant has one. */
  subject: string | undefined;
}

const GRANT_TYPES: Readonly<Record<string, string>> = {
  [UMA_TICKET_GRANT]: 'uma-ticket',
  'urn:ietf:params:oauth:grant-type:device_code': 'device_code',
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  password: 'password',
  refresh_token: 'refresh_token',
};

/** Errors that a token request can end with (RFC 6749 5.2, RFC 8628 3.5, RFC 9449 5, UMA Grant 3.3.6). */
const ERRORS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  'authorization_pending',
  'slow_down',
  'expired_token',
  'access_denied',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'need_info',
  'request_submitted',
  'request_denied',
  'temporarily_unavailable',
  'too_many_attempts',
  'server_error',
]);

/** The code of an error answer, of a closed list: what stands in an answer may have come from the request. */
export function outcomeOf(status: number, body: unknown): string {
  if (status < 400) return 'granted';
  const error = isObject(body) ? body.error : undefined;
  return typeof error === 'string' && ERRORS.has(error) ? error : 'other';
}

/** The same of what a route throws (http/refusal.ts answers it). */
export function outcomeOfError(error: unknown): string {
  if (isOutage(error)) return OUTAGE.error;
  if (error instanceof Refusal) return outcomeOf(error.status, error);
  const { statusCode = 500 } = error as { statusCode?: number };
  return statusCode < 500 ? 'invalid_request' : 'server_error';
}

export function watchTokenRequests(provider: Provider, seen: (request: SeenTokenRequest) => void): void {
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as Partial<KoaContextWithOIDC>;
    if (oidc === undefined || (oidc.route !== 'token' && oidc.route !== 'revocation')) return;
    const grant = oidc.params?.grant_type;
    seen({
      endpoint: oidc.route,
      grant_type: oidc.route === 'token' ? (GRANT_TYPES[String(grant)] ?? 'other') : undefined,
      outcome: outcomeOf(ctx.status, ctx.body),
      client_id: oidc.entities.Client?.clientId,
      subject: oidc.entities.Account?.accountId,
    });
  });
}
