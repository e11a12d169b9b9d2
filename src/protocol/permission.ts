/** Permissions and the permission endpoint: UMA Federated Authorization 4. */
import { UmaError } from './errors.ts';
import {
  address,
  bearer,
  type HttpExchange,
  type HttpRequest,
  isObject,
  jsonObject,
  jsonRequest,
  refusal,
} from './http.ts';
import type { BodyFault } from './resource.ts';
import { union } from './scopes.ts';

/** One resource and scopes on it. Times are seconds since the epoch (FED 5.1.1). */
export interface Permission {
  resource_id: string;
  resource_scopes: string[];
  exp?: number;
  iat?: number;
  nbf?: number;
}

export type RequestedPermission = Pick<Permission, 'resource_id' | 'resource_scopes'>;

/** The first fault of a permission request body as it came over the wire: one object or a non-empty array (FED 4.1, Q11). */
export function faultOfPermissionRequest(value: unknown): BodyFault | undefined {
  const array = Array.isArray(value);
  const items: unknown[] = array ? value : [value];
  if (items.length === 0) return { path: '', fault: 'must hold at least one permission' };
  for (const [index, item] of items.entries()) {
    const at = (member: string) => (array ? `[${index}].${member}` : member);
    if (!isObject(item)) return { path: array ? `[${index}]` : '', fault: 'must be a JSON object' };
    const { resource_id: id, resource_scopes: scopes } = item;
    if (id === undefined) return { path: at('resource_id'), fault: 'is required' };
    if (typeof id !== 'string' || id === '') return { path: at('resource_id'), fault: 'must be a non-empty string' };
    if (scopes === undefined) return { path: at('resource_scopes'), fault: 'is required' };
    if (!Array.isArray(scopes)) return { path: at('resource_scopes'), fault: 'must be an array of strings' };
    const bad = scopes.findIndex((scope) => typeof scope !== 'string' || scope === '');
    if (bad !== -1) return { path: at(`resource_scopes[${bad}]`), fault: 'must be a non-empty string' };
  }
  return undefined;
}

/** A faultless body as a list with one entry a resource; a resource named twice is merged by union (Q12). */
export function normalisePermissionRequest(
  body: RequestedPermission | readonly RequestedPermission[],
): RequestedPermission[] {
  const byId = new Map<string, string[]>();
  for (const { resource_id, resource_scopes } of [body].flat() as RequestedPermission[]) {
    byId.set(resource_id, union(byId.get(resource_id) ?? [], resource_scopes));
  }
  return [...byId].map(([resource_id, resource_scopes]) => ({ resource_id, resource_scopes }));
}

/** One permission is sent as an object, several as an array; `asArray` forces the array for servers that know no other form. */
export function buildPermissionRequest(
  endpoint: string,
  pat: string,
  permissions: readonly RequestedPermission[],
  options: { asArray?: boolean } = {},
): HttpRequest {
  const [only] = permissions;
  return jsonRequest('POST', endpoint, permissions.length === 1 && !options.asArray ? only : permissions, bearer(pat));
}

/** The permission ticket. @throws UmaError the refusal (`invalid_resource_id`, `invalid_scope`), or `no_ticket` (category `peer`). */
export function readPermissionTicket(exchange: HttpExchange): string {
  if (exchange.response.status >= 300)
    throw refusal(exchange, 'no permission ticket', { spec: 'UMA Federated Authorization 4.3' });
  const { ticket } = jsonObject(exchange);
  if (typeof ticket === 'string' && ticket !== '') return ticket;
  throw new UmaError(
    'peer',
    'no_ticket',
    `${address(exchange)} answered ${exchange.response.status} without a string "ticket"`,
    {
      spec: 'UMA Federated Authorization 4.2',
      exchange,
    },
  );
}
