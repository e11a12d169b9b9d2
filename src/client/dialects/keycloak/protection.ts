/** Resources, permission tickets and introspection at Keycloak. */
import { UmaError } from '../../../protocol/errors.ts';
import {
  bearer,
  clientAuthentication,
  formPost,
  type HttpExchange,
  isObject,
  jsonRequest,
  jsonValue,
} from '../../../protocol/http.ts';
import { buildPermissionRequest } from '../../../protocol/permission.ts';
import { type ResourceDescription, readDeletion, readRegistration, resourceUrl } from '../../../protocol/resource.ts';
import { decodeToken } from '../../../protocol/rpt.ts';
import { KEYCLOAK_NO_LIMIT, KEYCLOAK_RPT_HINT } from '../../../wire/keycloak.ts';
import type { Note, ProtectionDialect } from '../dialect.ts';
import { standard } from '../standard.ts';
import { keycloakResource, refusedByProtection, wireErrorOf } from './refusals.ts';

/** `description` is refused by name, so it travels as an attribute; asking the owner has to be switched on each time. */
function description(resource: ResourceDescription): Record<string, unknown> {
  const { description: text, ...rest } = resource;
  if (rest.name === undefined || rest.name === '') {
    throw new UmaError('usage', 'missing_name', 'Keycloak keeps no resource without a name', {
      hint: 'uma register --name "Photo Album" --scope view',
    });
  }
  const attributes = isObject(rest.attributes) ? rest.attributes : {};
  return {
    ownerManagedAccess: true,
    ...rest,
    ...(text === undefined ? {} : { attributes: { ...attributes, description: [text] } }),
  };
}

const ownerOf = (pat: string): string | undefined => {
  const { sub, preferred_username: name } = decodeToken(pat)?.payload ?? {};
  // The service account sees the resources of everybody: it is the resource server itself.
  if (typeof name === 'string' && name.startsWith('service-account-')) return undefined;
  return typeof sub === 'string' ? sub : undefined;
};

function listUrl(endpoint: string, pat: string, filter: Record<string, string> = {}): string {
  const owner = ownerOf(pat);
  const query = new URLSearchParams({ max: KEYCLOAK_NO_LIMIT, ...(owner === undefined ? {} : { owner }), ...filter });
  return `${resourceUrl(endpoint)}?${query}`;
}

/** The readers of the specification, after Keycloak's own refusals. */
const checked =
  <T>(what: string, read: (exchange: HttpExchange, note: Note) => T) =>
  (exchange: HttpExchange, note: Note): T => {
    if (exchange.response.status >= 300) throw refusedByProtection(exchange, what);
    return read(exchange, note);
  };

export const keycloakProtection: ProtectionDialect = {
  ...standard.protection,
  buildCreate: (endpoint, pat, resource) =>
    standard.protection.buildCreate(endpoint, pat, description(resource) as ResourceDescription),
  buildUpdate(endpoint, pat, id, resource) {
    const { owner: _owner, scopes: _scopes, ...rest } = resource;
    return standard.protection.buildUpdate(
      endpoint,
      pat,
      id,
      description(rest as ResourceDescription) as ResourceDescription,
    );
  },
  buildList: (endpoint, pat) => jsonRequest('GET', listUrl(endpoint, pat), undefined, bearer(pat)),
  readRegistration: checked('the resource was not registered', (exchange, note) => {
    if (exchange.response.status === 204) {
      note(
        'an update answers 204 without a body, the id is taken from the address (UMA Federated Authorization 3.2.3)',
      );
      return { _id: decodeURIComponent(new URL(exchange.request.url).pathname.split('/').at(-1) ?? '') };
    }
    const { _id } = readRegistration(exchange);
    return { ...keycloakResource(jsonValue(exchange), exchange), _id };
  }),
  readResource: checked('the resource was not read', (exchange, note) => {
    note('scopes of a resource are objects, their names are taken (UMA Federated Authorization 3.2.2)');
    return keycloakResource(jsonValue(exchange), exchange);
  }),
  readDeletion: checked('the resource was not deleted', readDeletion),
  readIds: checked('the resources were not listed', standard.protection.readIds),
  find: {
    build: (endpoint, pat, by, value) => {
      const filter = by === 'name' ? { name: value, exactName: 'true' } : { uri: value };
      return jsonRequest('GET', listUrl(endpoint, pat, { ...filter, deep: 'true' }), undefined, bearer(pat));
    },
    read: checked('the resources were not searched', (exchange) => {
      const found = jsonValue(exchange);
      return (Array.isArray(found) ? found : []).map((resource) => keycloakResource(resource, exchange));
    }),
  },
  unknownResource({ response }) {
    const error = wireErrorOf(response.body);
    return (
      response.status === 404 || error === 'invalid_resource_id' || (response.status === 403 && error === 'forbidden')
    );
  },
  buildTicket: (endpoint, pat, permissions) => buildPermissionRequest(endpoint, pat, permissions, { asArray: true }),
  readTicket: checked('no permission ticket', standard.protection.readTicket),
  introspectsWith: 'client',
  buildIntrospection(endpoint, authorization, token) {
    if (!('client' in authorization))
      throw new UmaError('internal', 'no_client', 'Keycloak lets a client introspect, never a PAT');
    const { headers, members } = clientAuthentication(authorization.client);
    return formPost(endpoint, { ...members, token, token_type_hint: KEYCLOAK_RPT_HINT }, headers);
  },
};
