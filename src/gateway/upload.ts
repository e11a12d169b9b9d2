/** Bodies on their way to the upstream: counted, never gathered. */
import { Transform, type TransformCallback } from 'node:stream';

/** 413, as Fastify reads it from an error. */
export class BodyTooLarge extends Error {
  readonly statusCode = 413;
}

/** Lets `limit` bytes through; a body that is longer breaks off with {@link BodyTooLarge}. */
export function limited(limit: number): Transform {
  let count = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      count += chunk.length;
      if (count > limit) done(new BodyTooLarge(`the body is longer than ${limit} bytes`));
      else done(null, chunk);
    },
  });
}
