/**
 * http/: what every route of the embedded AS shares: error answers, body parsing, the Host check, metadata, OpenAPI.
 * UMA Federated Authorization 3.2, 4.3 and 6, RFC 6749 5.2, RFC 6750 3. Must not import `client`, `commands` or stores.
 *
 * This file: an error answer as a value, and how Fastify's own errors become one.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { quote } from '../../protocol/challenge.ts';
import { UmaError } from '../../protocol/errors.ts';
import type { LogFailure } from '../options.ts';

/** An answer of status 4xx or 5xx whose body is `{ error, error_description }` (FED-6-01). */
export class Refusal extends Error {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: string, description: string, headers: Record<string, string> = {}) {
    super(description);
    this.status = status;
    this.error = error;
    // RFC 6749 5.2 allows printable ASCII without quotation mark and backslash.
    this.description = description.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?');
    this.headers = headers;
  }
}

/** 400 `invalid_request` naming the place of the fault; an empty path is the body itself. */
export function invalidRequest(fault: { path: string; fault: string }): Refusal {
  const place = fault.path === '' ? 'the body' : `"${fault.path}"`;
  return new Refusal(400, 'invalid_request', `${place} ${fault.fault}`);
}

/** 401 or 403 with a `WWW-Authenticate: Bearer` challenge; without `error`, the bare challenge of RFC 6750 3.1 for a request without a token. */
export function bearerRefusal(
  status: 401 | 403,
  issuer: string,
  details: { error?: 'invalid_token' | 'insufficient_scope'; description: string; scope?: string },
): Refusal {
  const { error, description, scope } = details;
  const members = { realm: issuer, error, error_description: error && description, scope };
  const challenge = Object.entries(members)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(', ');
  return new Refusal(status, error ?? 'invalid_token', description, { 'www-authenticate': `Bearer ${challenge}` });
}

/** What the stores reject with while their database does not serve. */
export const isOutage = (error: unknown): boolean => error instanceof UmaError && error.code === 'store_unavailable';

/** The answer meanwhile: the request may be sent again as it is. */
export const OUTAGE = new Refusal(503, 'temporarily_unavailable', 'the store does not answer now: try again', {
  'retry-after': '2',
});

/** Every error answer is JSON and not stored by caches (FED-6-02). */
export const refusalHeaders = ({ headers }: Refusal): Record<string, string> => ({
  'cache-control': 'no-store',
  ...headers,
  'content-type': 'application/json; charset=utf-8',
});

export const refusalText = ({ error, description }: Refusal): string =>
  JSON.stringify({ error, error_description: description });

export const sendRefusal = (reply: FastifyReply, refusal: Refusal): FastifyReply =>
  reply.code(refusal.status).headers(refusalHeaders(refusal)).send(refusalText(refusal));

export type { LogFailure };

/** One form for all errors: our refusals, Fastify's own, and what nobody expected (500, told to `log`, not to the peer). */
export function answerErrors(app: FastifyInstance, log: LogFailure): void {
  app.setErrorHandler((error: FastifyError | Refusal | UmaError, request, reply) => {
    const { method, routeOptions, id } = request;
    const known = error instanceof Refusal || error instanceof UmaError ? undefined : knownFault(error, request);
    return sendRefusal(reply, known ?? refusalFor(error, { method, route: routeOptions.url, id }, log));
  });
  app.setNotFoundHandler((_request, reply) =>
    sendRefusal(reply, new Refusal(404, 'not_found', 'there is nothing at this address')),
  );
}

/** What a peer is told of an error that a handler met. `route`: where, for the log. */
export function refusalFor(
  error: unknown,
  { method, route, id }: { method: string; route: string | undefined; id: string },
  log: LogFailure,
): Refusal {
  if (error instanceof Refusal) return error;
  if (isOutage(error)) {
    log('the store does not answer', error, id);
    return OUTAGE;
  }
  if (error instanceof UmaError && error.category === 'refused')
    return new Refusal(STATUS[error.code] ?? 400, error.code, error.message);
  const { statusCode = 500, message } = error as FastifyError;
  if (!(error instanceof UmaError) && statusCode < 500) return new Refusal(statusCode, 'invalid_request', message);
  log(`${method} ${route ?? 'unknown route'} failed`, error, id);
  return new Refusal(500, 'server_error', 'the server met an error; its log has the details');
}

/** Statuses of refusals that services throw as {@link UmaError}. */
const STATUS: Readonly<Record<string, number>> = { not_found: 404, conflict: 409 };

function knownFault(error: FastifyError, request: FastifyRequest): Refusal | undefined {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal(413, 'invalid_request', 'the body is larger than this server accepts');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal(
        400,
        'invalid_request',
        `this endpoint does not read the content type ${JSON.stringify(request.headers['content-type'] ?? 'none')}`,
      );
    default:
      return undefined;
  }
}
