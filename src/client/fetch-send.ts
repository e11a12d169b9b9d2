/** The HTTP ports on the built-in `fetch`, for the library: no dependency, the same rules as the program's own. */
import { UmaError } from '../protocol/errors.ts';
import type { HttpRequest, Send } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';
import type { Ask } from '../protocol/resource-request.ts';

/** Bytes. Larger answers of a server are refused: no UMA answer comes near. */
const MAX_ANSWER = 10 * 1024 * 1024;
/** Seconds. */
const DEFAULT_TIMEOUT = 10;

export interface FetchSendOptions {
  /** Seconds for one whole exchange; default 10. */
  timeout?: number;
  /** In place of the built-in `fetch`. */
  fetch?: typeof fetch;
  /** Plain http also to other machines. */
  insecureHttp?: boolean;
}

/**
 * A `Send` for {@link UmaClient} and `startGateway`. Follows no redirect, repeats nothing.
 * @throws UmaError from the port: `plain_http` (config), `connection_failed`, `timeout` or `answer_too_large` (network).
 */
export function fetchSend(options: FetchSendOptions = {}): Send {
  const ask = fetchAsk(options);
  return async (request) => {
    const { body, ...rest } = request;
    const {
      status,
      headers,
      body: stream,
    } = await ask({
      ...rest,
      ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
    });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of stream) {
      size += part.length;
      if (size > MAX_ANSWER)
        throw failure(request, 'answer_too_large', `the answer is larger than ${MAX_ANSWER} bytes`);
      parts.push(part);
    }
    return { status, headers, body: new TextDecoder().decode(Buffer.concat(parts)) };
  };
}

/** The same for protected resources, whose answers are streamed. */
export function fetchAsk({
  timeout = DEFAULT_TIMEOUT,
  fetch: doFetch = fetch,
  insecureHttp,
}: FetchSendOptions = {}): Ask {
  return async (request) => {
    const { method, url, headers, body } = request;
    if (new URL(url).protocol !== 'https:' && insecureHttp !== true && !isLoopback(url)) {
      throw new UmaError('config', 'plain_http', `${new URL(url).origin} is not https: nothing was sent`, {
        spec: 'UMA Grant 5.3',
      });
    }
    const signal = AbortSignal.timeout(timeout * 1000);
    const wrong = (error: unknown) =>
      signal.aborted
        ? failure(request, 'timeout', `no complete answer within ${timeout} s`, error)
        : failure(request, 'connection_failed', `the connection failed${codeOf(error)}`, error);
    let response: Response;
    try {
      const content = body === undefined ? {} : { body: new Uint8Array(body) };
      response = await doFetch(url, { method, headers: { ...headers }, redirect: 'manual', signal, ...content });
    } catch (error) {
      throw wrong(error);
    }
    return {
      status: response.status,
      headers: fieldsOf(response.headers),
      body: read(response, wrong),
      discard: () => void response.body?.cancel().catch(() => {}),
    };
  };
}

async function* read(response: Response, wrong: (error: unknown) => UmaError): AsyncIterable<Uint8Array> {
  try {
    if (response.body !== null) yield* response.body;
  } catch (error) {
    throw wrong(error);
  }
}

function fieldsOf(headers: Headers): Record<string, string> {
  const fields = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  return cookies.length === 0 ? fields : { ...fields, 'set-cookie': cookies.join('\n') };
}

const failure = ({ method, url }: Pick<HttpRequest, 'method' | 'url'>, code: string, why: string, cause?: unknown) =>
  new UmaError('network', code, `${method} ${url.split('?')[0]}: ${why}`, { cause });

/** `fetch failed` says nothing; its cause has the code. */
function codeOf(error: unknown): string {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return code === undefined ? '' : ` (${code})`;
}
