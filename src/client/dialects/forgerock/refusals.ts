/** Answers of AM's JSON side: `{code, reason, message}` for an error, `{result: [...]}` for a list (8.1 uma/endpoint-policies.html). */
import { UmaError } from '../../../protocol/errors.ts';
import { address, type HttpExchange, isObject, jsonObject, jsonValue, refusal } from '../../../protocol/http.ts';

/** The refusal in AM's own words. */
export function refusedByAm(exchange: HttpExchange, what: string): UmaError {
  const { status, body } = exchange.response;
  const first = refusal(exchange, what);
  let message: string | undefined;
  try {
    const value: unknown = JSON.parse(body);
    if (isObject(value) && typeof value.message === 'string') message = value.message;
  } catch {
    // Not JSON: the status has to do.
  }
  if (message === undefined) return first;
  const code = status === 404 ? 'not_found' : first.code;
  return new UmaError(first.category, code, `${first.message}: ${message}`, { status, exchange });
}

/** @throws UmaError the refusal, or `not_json` (peer). */
export function jsonAnswer(exchange: HttpExchange, what: string): unknown {
  if (exchange.response.status >= 300) throw refusedByAm(exchange, what);
  return jsonValue(exchange);
}

/** @throws UmaError `invalid_owner_answer` (peer) for an entry that is none. */
export function listAnswer<T>(exchange: HttpExchange, is: (value: unknown) => value is T): T[] {
  const { result } = jsonObject(exchange);
  if (!Array.isArray(result)) throw invalid(exchange, 'must answer an array "result"');
  const bad = result.findIndex((item) => !is(item));
  if (bad !== -1) throw invalid(exchange, `"result[${bad}]" lacks a member or has one of a wrong type`);
  return result as T[];
}

export function invalid(exchange: HttpExchange, fault: string): UmaError {
  const { status } = exchange.response;
  return new UmaError('peer', 'invalid_owner_answer', `${address(exchange)} ${fault}`, { status, exchange });
}

/** What AM's owner API cannot hold. */
export const notOffered = (what: string) =>
  new UmaError('config', 'not_offered', `AM's API has no place for ${what}`, { hint: "see the server's own console" });
