/** A peer as a function: the answers that a healthy server never gives. What a healthy one gives is tested against `uma serve`. */

import type { HttpRequest, Send } from '../../src/protocol/http.ts';
import { isObject } from '../../src/protocol/http.ts';

export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };

export interface Script {
  send: Send;
  /** Every request, in order. */
  requests: HttpRequest[];
}

/** `answer` is asked for each request with its number from 0; a string body is sent as it is, undefined is 404. */
export function script(answer: (request: HttpRequest, at: number) => Answer | undefined): Script {
  const requests: HttpRequest[] = [];
  return {
    requests,
    send: async (request) => {
      requests.push(request);
      const { status = 200, body, headers = {} } = answer(request, requests.length - 1) ?? { status: 404, body: '' };
      return {
        status,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body ?? {}),
      };
    },
  };
}

export const form = (request: HttpRequest | undefined): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(request?.body ?? ''));

export const json = (request: HttpRequest | undefined): Record<string, unknown> => {
  const value: unknown = JSON.parse(request?.body ?? '{}');
  return isObject(value) ? value : {};
};

/** A cache that lives as long as the test. */
export function memoryCache() {
  const items = new Map<string, { value: unknown; expires_at: number }>();
  return {
    items,
    get: async (key: readonly string[]) => items.get(JSON.stringify(key))?.value,
    put: async (key: readonly string[], item: { value: unknown; expires_at: number }) => {
      items.set(JSON.stringify(key), item);
    },
    forget: async (key: readonly string[]) => {
      items.delete(JSON.stringify(key));
    },
  };
}

export const ISSUER = 'https://as.example/realm';
export const ENDPOINTS = {
  token_endpoint: 'https://as.example/realm/token',
  permission_endpoint: 'https://as.example/realm/permission',
  resource_registration_endpoint: 'https://as.example/realm/resources',
  introspection_endpoint: 'https://as.example/realm/introspect',
  resource_owner_endpoint: 'https://as.example/realm/owner',
};
