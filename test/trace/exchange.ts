/** Exchanges for the tests of trace/: a server as a table of answers, and a recorder with a clock of its own. */
import type { HttpRequest, HttpResponse } from '../../src/protocol/http.ts';
import { Recorder, type Seen } from '../../src/trace/recorder.ts';
import type { Trace } from '../../src/trace/trace.ts';

export const AS = 'https://as.example';
export const RS = 'https://rs.example/photo';

export const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: typeof body === 'string' ? headers : { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** Records these exchanges, a second apart, each of 5 ms; what was kept, and what was seen. */
export async function recorded(
  exchanges: readonly (readonly [HttpRequest, HttpResponse | Error])[],
  title = 'uma test',
): Promise<{ trace: Trace; seen: Seen[] }> {
  let now = Date.parse('2026-01-02T03:04:05.000Z');
  const seen: Seen[] = [];
  const recorder = new Recorder({ title, known: { issuer: AS }, now: () => now, onExchange: (one) => seen.push(one) });
  for (const [request, response] of exchanges) {
    const send = recorder.listen(async () => {
      now += 5;
      if (response instanceof Error) throw response;
      return response;
    });
    await send(request).catch(() => {});
    now += 1000;
  }
  return { trace: recorder.trace(), seen };
}
