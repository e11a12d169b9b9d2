/**
 * What was asked for against what Keycloak grants. It calls a part of it a plain yes, and for a resource that is named by its name, not its
 * id, it grants whatever may be had there, also when that is none of the scopes asked for (26.7.3).
 */
import { isObject, isStringArray } from '../../../protocol/http.ts';
import { readPermissions } from '../../../protocol/introspection.ts';
import type { RequestedPermission } from '../../../protocol/permission.ts';
import { decodeToken } from '../../../protocol/rpt.ts';
import { difference } from '../../../protocol/scopes.ts';
import type { GrantRequest } from '../dialect.ts';

/** Of the ticket, else of the request; undefined = everything that there is, or a ticket that cannot be read. */
export const askedFor = ({ ticket, permission }: GrantRequest): readonly RequestedPermission[] | undefined =>
  ticket === undefined ? permission : readPermissions(decodeToken(ticket)?.payload.permissions);

export const isUri = ({ resource_id }: RequestedPermission): boolean => resource_id.startsWith('/');

/**
 * What of it is not in `granted`, entries with `rsid`, `rsname` and `scopes`. No entry says the URI of its resource: every one may be
 * that of each URI, and where there are fewer entries than URIs, one of these has none. Of scopes without a resource nothing is said.
 */
export function lackingIn(granted: unknown, asked: readonly RequestedPermission[]): RequestedPermission[] {
  const entries = Array.isArray(granted) ? granted.filter(isObject) : [];
  const uris = [...new Set(asked.filter(isUri).map(({ resource_id }) => resource_id))];
  const missing = asked.flatMap((permission): RequestedPermission[] => {
    const { resource_id, resource_scopes } = permission;
    if (resource_id === '') return [];
    const found = isUri(permission)
      ? entries
      : entries.filter(({ rsid, rsname }) => rsid === resource_id || rsname === resource_id);
    const lacks = difference(
      resource_scopes,
      found.flatMap(({ scopes }) => (isStringArray(scopes) ? scopes : [])),
    );
    return found.length > 0 && lacks.length === 0 ? [] : [{ resource_id, resource_scopes: lacks }];
  });
  return missing.length === 0 && entries.length < uris.length
    ? [{ resource_id: `one of ${uris.join(' ')}`, resource_scopes: [] }]
    : missing;
}

/** In words: `view, print on Album; anything on Other`. */
export const lackingText = (lacking: readonly RequestedPermission[]): string =>
  lacking
    .map(({ resource_id, resource_scopes: scopes }) => `${scopes.join(', ') || 'anything'} on ${resource_id}`)
    .join('; ');
