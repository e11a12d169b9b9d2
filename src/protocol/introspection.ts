/** Token introspection with UMA's `permissions`: UMA Federated Authorization 5, RFC 7662. */
import { UmaError } from './errors.ts';
import {
  address,
  bearer,
  formPost,
  type HttpExchange,
  type HttpRequest,
  isObject,
  isStringArray,
  jsonObject,
  refusal,
} from './http.ts';
import type { Permission } from './permission.ts';

export interface Introspection {
  active: boolean;
  permissions?: Permission[];
  exp?: number;
  iat?: number;
  nbf?: number;
  iss?: string;
  sub?: string;
  aud?: string | string[];
  client_id?: string;
  token_type?: string;
  [member: string]: unknown;
}

export function buildIntrospection(endpoint: string, pat: string, token: string, hint?: string): HttpRequest {
  return formPost(endpoint, { token, token_type_hint: hint }, bearer(pat));
}

/** @throws UmaError the refusal, or `invalid_introspection` (category `peer`). */
export function readIntrospection(exchange: HttpExchange): Introspection {
  if (exchange.response.status >= 300)
    throw refusal(exchange, 'the token was not introspected', { spec: 'UMA Federated Authorization 5.1' });
  const body = jsonObject(exchange);
  if (typeof body.active !== 'boolean') {
    throw new UmaError('peer', 'invalid_introspection', `${address(exchange)} answered without a boolean "active"`, {
      spec: 'RFC 7662 2.2',
      exchange,
    });
  }
  const permissions = readPermissions(body.permissions);
  const { permissions: _raw, ...rest } = body;
  return permissions === undefined ? (rest as Introspection) : ({ ...rest, permissions } as Introspection);
}

/**
 * Permissions in either shape: `resource_id`/`resource_scopes` (FED 5.1.1) or Keycloak's `rsid`/`scopes`, which leaves empty `scopes` out.
 * Undefined when there is no array; entries without an id or a scope array, or with a time that is no number, are left out:
 * what cannot be read grants nothing. Times as digits in a string are read as numbers, as `expires_in` is.
 */
export function readPermissions(value: unknown): Permission[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(isObject).flatMap((entry) => {
    const id = entry.resource_id ?? entry.rsid;
    const scopes = entry.resource_scopes ?? entry.scopes ?? (entry.rsid === undefined ? undefined : []);
    if (typeof id !== 'string' || !isStringArray(scopes)) return [];
    const permission: Permission = { resource_id: id, resource_scopes: scopes };
    for (const time of ['exp', 'iat', 'nbf'] as const) {
      const value = entry[time] ?? undefined;
      if (value === undefined) continue;
      const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      if (typeof seconds !== 'number') return [];
      permission[time] = seconds;
    }
    return [permission];
  });
}

/**
 * Permissions that hold at `now` (seconds since the epoch): token times win where they are stricter (FED-5.1.1-07 to -10).
 * An inactive token has none.
 */
export function effectivePermissions(answer: Introspection, now: number): Permission[] {
  if (!answer.active || answer.permissions === undefined) return [];
  return answer.permissions.filter(({ exp, nbf }) => {
    const end = Math.min(exp ?? Number.POSITIVE_INFINITY, answer.exp ?? Number.POSITIVE_INFINITY);
    const start = Math.max(nbf ?? 0, answer.nbf ?? 0);
    return now < end && now >= start;
  });
}
