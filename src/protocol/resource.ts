/** Resource descriptions and the registration API: UMA Federated Authorization 3. */
import { UmaError } from './errors.ts';
import {
  address,
  bearer,
  type HttpExchange,
  type HttpRequest,
  isObject,
  isStringArray,
  jsonObject,
  jsonRequest,
  jsonValue,
  refusal,
} from './http.ts';

/** FED 3.1. `name#fr` and the like are kept as they are (FED-3.1-04). */
export interface ResourceDescription {
  resource_scopes: string[];
  name?: string;
  description?: string;
  icon_uri?: string;
  type?: string;
  [member: string]: unknown;
}

export interface RegisteredResource extends ResourceDescription {
  _id: string;
  user_access_policy_uri?: string;
}

/** What create and update answer. */
export interface RegistrationAnswer {
  _id: string;
  user_access_policy_uri?: string;
  [member: string]: unknown;
}

/** The place and the fault of a bad body, in words for the sender; `path` is like `resource_scopes[1]`, empty for the body itself. */
export interface BodyFault {
  path: string;
  fault: string;
}

/** The first fault of a resource description as it came over the wire, or undefined. Unknown members are no fault (GRANT-1.2-01). */
export function faultOfDescription(value: unknown): BodyFault | undefined {
  if (!isObject(value)) return { path: '', fault: 'must be a JSON object' };
  const scopes = value.resource_scopes;
  if (scopes === undefined) return { path: 'resource_scopes', fault: 'is required' };
  if (!Array.isArray(scopes)) return { path: 'resource_scopes', fault: 'must be an array of strings' };
  const bad = scopes.findIndex((scope) => typeof scope !== 'string' || scope === '');
  if (bad !== -1) return { path: `resource_scopes[${bad}]`, fault: 'must be a non-empty string' };
  for (const member of ['name', 'description', 'icon_uri', 'type']) {
    if (value[member] !== undefined && typeof value[member] !== 'string')
      return { path: member, fault: 'must be a string' };
  }
  return undefined;
}

/** `{endpoint}/` or `{endpoint}/{id}`; the endpoint may end in a slash or not (Q14). */
export function resourceUrl(endpoint: string, id?: string): string {
  const base = endpoint.replace(/\/$/, '');
  return id === undefined ? base : `${base}/${encodeURIComponent(id)}`;
}

export const buildCreateResource = (endpoint: string, pat: string, description: ResourceDescription): HttpRequest =>
  jsonRequest('POST', resourceUrl(endpoint), description, bearer(pat));
export const buildReadResource = (endpoint: string, pat: string, id: string): HttpRequest =>
  jsonRequest('GET', resourceUrl(endpoint, id), undefined, bearer(pat));
export const buildUpdateResource = (
  endpoint: string,
  pat: string,
  id: string,
  description: ResourceDescription,
): HttpRequest => jsonRequest('PUT', resourceUrl(endpoint, id), description, bearer(pat));
export const buildDeleteResource = (endpoint: string, pat: string, id: string): HttpRequest =>
  jsonRequest('DELETE', resourceUrl(endpoint, id), undefined, bearer(pat));
export const buildListResources = (endpoint: string, pat: string): HttpRequest =>
  jsonRequest('GET', resourceUrl(endpoint), undefined, bearer(pat));

/** Answer of create (201) or update (200). @throws UmaError the refusal, or `no_resource_id` (category `peer`). */
export function readRegistration(exchange: HttpExchange): RegistrationAnswer {
  if (exchange.response.status >= 300)
    throw refusal(exchange, 'the resource was not registered', { spec: 'UMA Federated Authorization 3.2' });
  const body = jsonObject(exchange);
  if (typeof body._id !== 'string') {
    throw new UmaError(
      'peer',
      'no_resource_id',
      `${address(exchange)} answered ${exchange.response.status} without a string "_id"`,
      {
        spec: 'UMA Federated Authorization 3.2.1',
        exchange,
      },
    );
  }
  return body as RegistrationAnswer;
}

/** Answer of read. @throws UmaError the refusal, or `invalid_resource` (category `peer`). */
export function readResource(exchange: HttpExchange): RegisteredResource {
  if (exchange.response.status >= 300)
    throw refusal(exchange, 'the resource was not read', { spec: 'UMA Federated Authorization 3.2.2' });
  const body = jsonObject(exchange);
  const fault = typeof body._id === 'string' ? faultOfDescription(body) : { path: '_id', fault: 'must be a string' };
  if (fault !== undefined) {
    throw new UmaError('peer', 'invalid_resource', `${address(exchange)}: "${fault.path}" ${fault.fault}`, {
      spec: 'UMA Federated Authorization 3.2.2',
      exchange,
    });
  }
  return body as RegisteredResource;
}

/** Answer of delete. @throws UmaError the refusal. */
export function readDeletion(exchange: HttpExchange): void {
  if (exchange.response.status >= 300)
    throw refusal(exchange, 'the resource was not deleted', { spec: 'UMA Federated Authorization 3.2.4' });
}

/** Answer of list: resource ids. @throws UmaError the refusal, or `invalid_resource_list` (category `peer`). */
export function readResourceIds(exchange: HttpExchange): string[] {
  if (exchange.response.status >= 300)
    throw refusal(exchange, 'the resources were not listed', { spec: 'UMA Federated Authorization 3.2.5' });
  const ids = jsonValue(exchange);
  if (isStringArray(ids)) return ids;
  throw new UmaError('peer', 'invalid_resource_list', `${address(exchange)} must answer an array of id strings`, {
    spec: 'UMA Federated Authorization 3.2.5',
    exchange,
  });
}
