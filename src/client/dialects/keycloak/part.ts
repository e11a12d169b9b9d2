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

/**
 * What of it is not in `granted`, entries with `rsid`, `rsname` and `scopes`. Resources named by URI, and scopes without a resource,
 * stand in no entry under that name: nothing is said of them.
 */
export function lackingIn(granted: unknown, asked: readonly RequestedPermission[]): RequestedPermission[] {
  const entries = Array.isArray(granted) ? granted.filter(isObject) : [];
  return asked.flatMap(({ resource_id, resource_scopes }): RequestedPermission[] => {
    if (resource_id === '' || resource_id.startsWith('/')) return [];
    const found = entries.filter(({ rsid, rsname }) => rsid === resource_id || rsname === resource_id);
    const lacks = difference(
      resource_scopes,
      found.flatMap(({ scopes }) => (isStringArray(scopes) ? scopes : [])),
    );
    return found.length > 0 && lacks.length === 0 ? [] : [{ resource_id, resource_scopes: lacks }];
  });
}

/** In words: `view, print on Album; anything on Other`. */
export const lackingText = (lacking: readonly RequestedPermission[]): string =>
  lacking
    .map(({ resource_id, resource_scopes: scopes }) => `${scopes.join(', ') || 'anything'} on ${resource_id}`)
    .join('; ');
