/** The suite's own HTTP: sends exactly what a check wrote, follows nothing, repeats nothing, keeps both sides. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';

export interface RawRequest {
  method: string;
  url: string;
  /** An array sends the field several times. */
  headers?: Record<string, string | readonly string[]>;
  body?: string;
}

export interface RawResponse {
  status: number;
  /** Names in lower case; repeated fields joined with `, `. */
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

export interface Exchange {
  request: RawRequest;
  response: RawResponse;
}

/** An exchange with its JSON body read once; `json` is `{}` where the body is no JSON object, `value` whatever JSON it was. */
export interface Answer extends Exchange {
  status: number;
  json: Record<string, unknown>;
  value: unknown;
  headers: Record<string, string>;
}

export class NoAnswer extends Error {
  constructor(request: RawRequest, cause: unknown) {
    super(`${request.method} ${request.url.split('?')[0]} got no answer: ${(cause as Error).message}`, { cause });
    this.name = 'NoAnswer';
  }
}

export interface Http {
  send(request: RawRequest): Promise<Answer>;
  close(): void;
}

/** What an answer said, in a word for findings: `403 need_info`, or the bare status. */
export function said({ status, json }: Answer): string {
  return typeof json.error === 'string' ? `${status} ${json.error}` : String(status);
}

const LIMIT = 2 * 1024 * 1024;

/**
 * @param options `ca`: PEM certificate authorities to trust instead of the usual ones; `timeout_ms` for one whole answer.
 * @throws NoAnswer (from `send`) when no complete answer came.
 */
export function createHttp(options: { ca?: string | undefined; timeout_ms: number }): Http {
  // A connection for each request: a reused one can be closed under a request, and then nobody knows whether it was processed.
  const plain = new PlainAgent({ keepAlive: false });
  const tls = new TlsAgent({ keepAlive: false, ...(options.ca === undefined ? {} : { ca: options.ca }) });
  const exchange = (request: RawRequest) =>
    new Promise<RawResponse>((resolve, reject) => {
      const url = new URL(request.url);
      const secure = url.protocol === 'https:';
      const headers: Record<string, string | readonly string[]> = { ...request.headers };
      if (request.body !== undefined) headers['content-length'] = String(Buffer.byteLength(request.body));
      const outgoing = (secure ? tlsRequest : plainRequest)(
        url,
        { method: request.method, headers: headers as Record<string, string | string[]>, agent: secure ? tls : plain },
        (incoming) => collect(incoming).then(resolve, reject),
      );
      outgoing.setTimeout(options.timeout_ms, () =>
        outgoing.destroy(new Error(`nothing for ${options.timeout_ms / 1000} s`)),
      );
      outgoing.on('error', reject);
      outgoing.end(request.body);
    });
  return {
    async send(request) {
      const response = await exchange(request).catch((cause: unknown) => {
        throw new NoAnswer(request, cause);
      });
      return answerOf({ request, response });
    },
    close() {
      plain.destroy();
      tls.destroy();
    },
  };
}

/** Sees each exchange on its way: what is asked, and a function that asks. */
export type Watch = (request: HttpRequest, answer: () => Promise<HttpResponse>) => Promise<unknown>;

export function watched(http: Http, watch: Watch): Http {
  return {
    ...http,
    async send(request) {
      const { method, url, headers = {}, body } = request;
      const fields = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]);
      const asked = { method: method as HttpRequest['method'], url, headers: Object.fromEntries(fields), body };
      let answer: Answer | undefined;
      await watch(asked, async () => {
        answer = await http.send(request);
        const { status, headers: sent, body: content, cookies } = answer.response;
        const more = cookies.length === 0 ? {} : { 'set-cookie': cookies.join('\n') };
        return { status, headers: { ...sent, ...more }, body: content };
      });
      if (answer === undefined) throw new NoAnswer(request, new Error('it was not sent'));
      return answer;
    },
  };
}

function answerOf(exchange: Exchange): Answer {
  let value: unknown;
  try {
    value = JSON.parse(exchange.response.body);
  } catch {
    value = undefined;
  }
  const json =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  return { ...exchange, status: exchange.response.status, headers: exchange.response.headers, value, json };
}

async function collect(incoming: IncomingMessage): Promise<RawResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) throw new Error(`more than ${LIMIT} bytes`);
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers[name] = (value ?? []).join(', ');
  return {
    status: incoming.statusCode ?? 0,
    headers,
    cookies: incoming.headersDistinct['set-cookie'] ?? [],
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
