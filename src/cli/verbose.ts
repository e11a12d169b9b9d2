/** `-v`: one line per HTTP exchange on standard error. Method, address without query, status, time; nothing that could be secret. */
import { UmaError } from '../protocol/errors.ts';
import type { Send } from '../protocol/http.ts';
import { clean } from './paint.ts';

/** `now` is in milliseconds. */
export function verboseSend(send: Send, write: (line: string) => void, now: () => number): Send {
  return async (request) => {
    const start = now();
    const line = (end: string) =>
      write(`${request.method} ${clean(request.url.split(/[?#]/)[0]!)} -> ${end} (${Math.round(now() - start)} ms)\n`);
    try {
      const response = await send(request);
      line(String(response.status));
      return response;
    } catch (error) {
      line(error instanceof UmaError ? error.code : 'failed');
      throw error;
    }
  };
}
