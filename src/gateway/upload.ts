/** Bodies on their way to the upstream: counted, never gathered. */
import { Readable } from 'node:stream';

/** 413, as Fastify reads it from an error. */
export class BodyTooLarge extends Error {
  readonly statusCode = 413;
}

/** The same body, which breaks off with {@link BodyTooLarge} when more than `limit` bytes come. */
export function limited(body: Readable, limit: number): Readable {
  async function* counted(): AsyncGenerator<Uint8Array> {
    let count = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      count += chunk.length;
      if (count > limit) throw new BodyTooLarge(`the body is longer than ${limit} bytes`);
      yield chunk;
    }
  }
  // Nothing is read before somebody listens for what can go wrong.
  return Readable.from(counted(), { objectMode: false });
}
