/**
 * protocol/: UMA 2.0 Grant and UMA 2.0 Federated Authorization as pure functions and types, one file per concept.
 * No I/O, no clock, no randomness: time and answers come in as arguments. Imports nothing from the other folders.
 *
 * This file: the one error class of the house. A refused token request is not an error but an outcome (outcome.ts).
 */
import type { HttpExchange } from './http.ts';

/** What kind of thing went wrong; `cli/exit-codes.ts` maps each to one exit code. */
export type ErrorCategory =
  | 'usage'
  | 'config'
  | 'authentication'
  | 'network'
  | 'peer'
  | 'refused'
  | 'interrupted'
  | 'internal';

export interface ErrorDetails {
  /** What to try next, one sentence or one runnable command. */
  hint?: string | undefined;
  /** The section of the specification that the message leans on, for instance `UMA Grant 3.3.6`. */
  spec?: string | undefined;
  /** The HTTP status of the answer that led here. */
  status?: number | undefined;
  /** The peer's own `error` code and `error_description`, as sent. */
  wire?: { error: string; error_description?: string } | undefined;
  /** Evidence: the request and the answer. Kept out of `JSON.stringify` and of logs. */
  exchange?: HttpExchange | undefined;
  cause?: unknown;
}

/**
 * An error with a code that never changes.
 * `message` says what happened and why in lower-case words; `details.hint` says what to try.
 */
export class UmaError extends Error {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly hint: string | undefined;
  readonly spec: string | undefined;
  readonly status: number | undefined;
  readonly wire: { error: string; error_description?: string } | undefined;
  declare readonly exchange: HttpExchange | undefined;

  constructor(category: ErrorCategory, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'UmaError';
    this.category = category;
    this.code = code;
    this.hint = details.hint;
    this.spec = details.spec;
    this.status = details.status;
    this.wire = details.wire;
    // Not enumerable: an exchange holds credentials, and a logged error must not.
    Object.defineProperty(this, 'exchange', { value: details.exchange, enumerable: false });
  }
}

/** Error codes of UMA Grant 3.3.6, UMA Federated Authorization 3.2 and 4.3, RFC 6749 5.2, RFC 6750 3.1, RFC 8707 2. */
export const WIRE_ERRORS = [
  'need_info',
  'request_submitted',
  'request_denied',
  'invalid_grant',
  'invalid_scope',
  'invalid_request',
  'invalid_client',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_resource_id',
  'not_found',
  'unsupported_method_type',
  'invalid_token',
  'insufficient_scope',
] as const;
export type WireError = (typeof WIRE_ERRORS)[number];
