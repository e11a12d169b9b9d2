/** Exchanges recorded from a real Keycloak 26.7.3; tokens and secrets are replaced by `[token]` and `[secret]`. */
import { readFileSync } from 'node:fs';
import type { HttpExchange, HttpRequest } from '../../src/protocol/http.ts';

export interface Recorded {
  number: number;
  title: string;
  request: {
    method: HttpRequest['method'];
    path: string;
    authorization?: string;
    json?: unknown;
    form?: Record<string, string>;
  };
  response: { status: number; type?: string; json?: unknown; text?: string };
  /** What the token in the answer decodes to. */
  payload?: Record<string, unknown>;
}

export const RECORDED = JSON.parse(readFileSync(new URL('keycloak-26.7.3.json', import.meta.url), 'utf8')) as Record<
  string,
  Recorded
>;

export const ORIGIN = 'http://127.0.0.1:18080';
export const REALM = `${ORIGIN}/realms/photoz`;

/** The recording of that name. @throws Error when there is none: a test on a missing recording would prove nothing. */
export function recorded(name: string): Recorded {
  const found = RECORDED[name];
  if (found === undefined) throw new Error(`no exchange "${name}" was recorded`);
  return found;
}

/** The recorded answer, as the answer to `request` (or to the recorded one), with its `[token]` replaced by `token`. */
export function answered(name: string, request?: HttpRequest, token = '[token]'): HttpExchange {
  const { request: sent, response } = recorded(name);
  const body = response.json === undefined ? (response.text ?? '') : JSON.stringify(response.json);
  return {
    request: request ?? { method: sent.method, url: ORIGIN + sent.path, headers: {} },
    response: {
      status: response.status,
      headers: response.type === undefined ? {} : { 'content-type': response.type },
      body: body.replaceAll('[token]', token),
    },
  };
}

/** A compact JWT with this payload and no signature. */
export function jwt(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(payload)}.x`;
}
