import { UmaError } from '../../../protocol/errors.ts';

/**
 * SQLSTATE classes that speak of the statement or its values, not of the state of the database: data, integrity, authorization to
 * a table, syntax, limits, features, internal faults.
 */
const FAULTS_OF_OURS = new Set(['0A', '21', '22', '23', '42', '54', 'XX']);

/** The five letters of PostgreSQL's answer; undefined when it did not answer. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as Error) ? code : undefined;
}

/**
 * What a caller is to see: a fault as it is; anything that a later try may not meet (no connection, a server that stops or
 * starts, a lock that was not to be had) as {@link UmaError} `store_unavailable` of category `network`.
 */
export function failure(error: unknown): unknown {
  const state = sqlState(error);
  if (error instanceof UmaError || error instanceof TypeError || error instanceof SyntaxError) return error;
  if (state !== undefined && FAULTS_OF_OURS.has(state.slice(0, 2))) return error;
  return unavailable(error);
}

export function unavailable(cause: unknown): UmaError {
  return new UmaError('network', 'store_unavailable', `the database does not serve: ${reason(cause)}`, {
    hint: 'start it, or look whether the address in --store is the right one',
    cause,
  });
}

/** Several addresses of one name fail together, with an empty message of their own. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join(', ');
  return error instanceof Error ? error.message : String(error);
}
