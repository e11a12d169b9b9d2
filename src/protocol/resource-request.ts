/** The second HTTP port: a request to a protected resource, whose answer may be of any size and is streamed (UMA Grant 3.1, 3.5). */
import type { HttpRequest } from './http.ts';

export interface ResourceRequest {
  method: HttpRequest['method'];
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array | undefined;
}

export interface ResourceAnswer {
  status: number;
  /** As `HttpResponse.headers`. */
  headers: Readonly<Record<string, string>>;
  /** To be read or discarded. */
  body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/**
 * Follows no redirect, repeats nothing.
 * @throws UmaError of category `network` when no answer came; so does reading the body when it breaks off.
 */
export type Ask = (request: ResourceRequest) => Promise<ResourceAnswer>;
