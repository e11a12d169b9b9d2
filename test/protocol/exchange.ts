/** Exchanges as plain values, and the error a reader must throw. */
import assert from 'node:assert/strict';
import { UmaError } from '../../src/protocol/errors.ts';
import type { HttpExchange, HttpRequest } from '../../src/protocol/http.ts';

export const REQUEST: HttpRequest = { method: 'POST', url: 'https://as.example/token?secret=s3cret', headers: {} };

/** An answer to {@link REQUEST}; a body that is no string is sent as JSON. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpExchange {
  return {
    request: REQUEST,
    response: {
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
  };
}

/** What `act` throws, which has to be an UmaError of this code. */
export function thrown(act: () => unknown, code: string): UmaError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof UmaError, `not an UmaError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`nothing was thrown, ${code} was expected`);
}
