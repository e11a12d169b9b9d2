/** Requests to protected resources on got: streamed, with limits on silence and not on size. */
import { UmaError } from '../protocol/errors.ts';
import type { Ask, ResourceAnswer } from '../protocol/resource-request.ts';
import { checkScheme, flatHeaders, type HttpOptions, makeClient, networkError } from './http.ts';

export function resourceAsk(options: HttpOptions): Ask {
  return async (request) => {
    checkScheme(request, options.insecure);
    const client = await makeClient(options);
    const limit = options.timeout * 1000;
    const stream = client.stream(request.url, {
      method: request.method,
      headers: { ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      decompress: false,
      timeout: { lookup: limit, connect: limit, secureConnect: limit, response: limit, socket: limit },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const failed = (error: unknown) =>
      options.signal?.aborted
        ? new UmaError('interrupted', 'interrupted', 'interrupted')
        : networkError(error as Parameters<typeof networkError>[0], request, options, false);
    const answer = await new Promise<{ statusCode: number; headers: Record<string, string | string[] | undefined> }>(
      (resolve, reject) => {
        stream.once('response', resolve);
        stream.once('error', (error: unknown) => reject(failed(error)));
        if (request.body === undefined && !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(request.method)) stream.end();
      },
    );
    return {
      status: answer.statusCode,
      headers: flatHeaders(answer.headers),
      body: read(stream, failed),
      discard: () => void stream.on('error', () => {}).destroy(),
    } satisfies ResourceAnswer;
  };
}

async function* read(
  stream: AsyncIterable<Uint8Array>,
  failed: (error: unknown) => UmaError,
): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw failed(error);
  }
}
