/** What can be read in an RPT that happens to be a JWT. For showing only: a client treats an RPT as opaque (GRANT-1.3-02). */
import { jwtDecode } from 'jwt-decode';
import { isObject } from './http.ts';
import { readPermissions } from './introspection.ts';
import type { Permission } from './permission.ts';

export interface DecodedToken {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
  /** Present when the payload carries permissions; `place` says in which of the two known shapes. */
  permissions?: Permission[];
  place?: 'permissions' | 'authorization.permissions';
}

/** Header and payload of a compact JWT, unverified; undefined for an opaque token. */
export function decodeToken(token: string): DecodedToken | undefined {
  if (token.split('.').length !== 3) return undefined;
  let header: unknown;
  let payload: unknown;
  try {
    header = jwtDecode(token, { header: true });
    payload = jwtDecode(token);
  } catch {
    return undefined;
  }
  if (!isObject(header) || !isObject(payload)) return undefined;
  const decoded: DecodedToken = { header, payload };
  const top = readPermissions(payload.permissions);
  if (top !== undefined) return { ...decoded, permissions: top, place: 'permissions' };
  const nested = isObject(payload.authorization) ? readPermissions(payload.authorization.permissions) : undefined;
  return nested === undefined ? decoded : { ...decoded, permissions: nested, place: 'authorization.permissions' };
}
