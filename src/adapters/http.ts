/** The HTTP port on got. No redirects, no repeats, limits on size and time, plain http on loopback only. */
import type { Got, RequestError } from 'got';
import { build } from '../cli/version.ts';
import { UmaError } from '../protocol/errors.ts';
import type { HttpRequest, HttpResponse, Send } from '../protocol/http.ts';
import { isLoopback } from '../protocol/metadata.ts';

export interface HttpOptions {
  /** Seconds for one whole exchange. */
  timeout: number;
  /** Plain http anywhere, and certificates of anybody. */
  insecure: boolean;
  /** PEM text of certificates to trust beside the built-in ones. */
  ca?: string | undefined;
  signal?: AbortSignal;
  /** Where proxies are named. */
  env?: Readonly<Record<string, string | undefined>>;
  /** For the hint when nobody listens. */
  /** What to try when nobody listens at this address. */
  hintWhenRefused?: ((url: string) => string | undefined) | undefined;
}

/** Bytes. Larger answers are cut off and refused: no UMA answer comes near. */
export const MAX_ANSWER = 10 * 1024 * 1024;

export function httpSend(options: HttpOptions): Send {
  let client: Promise<Got> | undefined;
  return async (request) => {
    checkScheme(request, options.insecure);
    client ??= makeClient(options);
    return carry(await client, request, options);
  };
}

export async function makeClient({ timeout, insecure, ca, env = {} }: HttpOptions): Promise<Got> {
  const { default: got } = await import('got');
  const roots = ca === undefined ? undefined : [...(await import('node:tls')).rootCertificates, ca];
  const agent = asksForProxy(env) ? await (await import('./proxy.ts')).proxyAgents(env) : undefined;
  return got.extend({
    ...(agent === undefined ? {} : { agent }),
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    timeout: { request: timeout * 1000 },
    headers: { 'user-agent': `uma/${build.version}` },
    https: { rejectUnauthorized: !insecure, ...(roots === undefined ? {} : { certificateAuthority: roots }) },
  });
}

const asksForProxy = (env: NonNullable<HttpOptions['env']>) =>
  ['HTTPS_PROXY', 'HTTP_PROXY'].some((name) => env[name] || env[name.toLowerCase()]);

async function carry(client: Got, request: HttpRequest, options: HttpOptions): Promise<HttpResponse> {
  const limit = new AbortController();
  const signal = options.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, options.signal]);
  let tooLarge = false;
  try {
    const answer = client(request.url, {
      method: request.method,
      headers: { ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
    });
    answer.on('downloadProgress', ({ transferred }) => {
      if (transferred <= MAX_ANSWER) return;
      tooLarge = true;
      limit.abort();
    });
    const { statusCode, headers, body } = await answer;
    return { status: statusCode, headers: flatHeaders(headers), body };
  } catch (error) {
    if (options.signal?.aborted) throw new UmaError('interrupted', 'interrupted', 'interrupted');
    throw networkError(error as RequestError, request, options, tooLarge);
  }
}

/** Each name once, as the ports have them. */
export function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(name === 'set-cookie' ? '\n' : ', ') : value]],
  );
  return Object.fromEntries(flat) as Record<string, string>;
}

/** @throws UmaError `plain_http` (config): a credential must not travel in the clear. */
export function checkScheme({ url }: Pick<HttpRequest, 'url'>, insecure: boolean): void {
  const { protocol } = new URL(url);
  if (protocol === 'https:' || (protocol === 'http:' && (insecure || isLoopback(url)))) return;
  throw new UmaError('config', 'plain_http', `${origin(url)} is not https: nothing was sent`, {
    hint:
      protocol === 'http:'
        ? 'use the https address, or --insecure to send everything in the clear'
        : 'use an https address',
    spec: 'UMA Grant 5.3',
  });
}

const TLS_HINT = 'name the certificate of its issuer with --ca-file FILE';

export function networkError(
  error: RequestError,
  request: Pick<HttpRequest, 'method' | 'url'>,
  options: HttpOptions,
  tooLarge: boolean,
): UmaError {
  const where = `${request.method} ${request.url.split('?')[0]}`;
  const fail = (code: string, why: string, hint?: string) =>
    new UmaError('network', code, `${where}: ${why}`, { hint, cause: error });
  if (tooLarge) return fail('answer_too_large', `the answer is larger than ${MAX_ANSWER / 1024 / 1024} MiB`);
  const { code = '', message } = error;
  if (code === 'ECONNREFUSED') {
    return fail(
      'connection_refused',
      `nobody listens at ${origin(request.url)}`,
      options.hintWhenRefused?.(request.url) ?? 'check the address, and that the server runs',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fail('host_not_found', `the host ${new URL(request.url).hostname} is not known`, 'check the address');
  }
  if (code === 'ETIMEDOUT') {
    return fail('timeout', `no complete answer within ${options.timeout} s`, 'allow more with --timeout 30s');
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code))
    return fail('tls_untrusted', `the certificate is not trusted (${code})`, TLS_HINT);
  if (/SSL|TLS|EPROTO/.test(code))
    return fail('tls_failed', `no TLS connection (${code})`, 'is this an https address?');
  return fail('connection_failed', `the connection failed (${code || message})`);
}

const origin = (url: string) => new URL(url).origin;
