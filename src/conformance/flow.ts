/** What the steps of the flow need and give, as probe.ts plays them. */
import type { ClientRole } from './config.ts';
import type { Answer, RawRequest } from './http.ts';
import type { Which } from './session.ts';

export interface Resource {
  id: string;
  scopes: string[];
  owner: Which;
  rs: Which;
  /** The answer of create. */
  created: Answer;
}

export interface Redemption {
  ticket?: string | undefined;
  client?: ClientRole | undefined;
  /** Pushes an ID Token of this party. */
  party?: Which | undefined;
  /** Signs the party in anew: for checks that end tokens, and with them perhaps the session behind the shared ones. */
  fresh?: boolean | undefined;
  headers?: RawRequest['headers'];
  /** More form members; they win, undefined leaves one out, an array repeats it. */
  [member: string]: unknown;
}

export interface Grant {
  rpt: string;
  resource: Resource;
  answer: Answer;
  /** Id of the policy that allowed it, by the owner API. */
  policy?: string;
}

export interface GrantWish {
  client?: ClientRole;
  party?: Which;
  owner?: Which;
  rs?: Which;
  /** Scopes allowed and asked by ticket; default: the first. */
  scopes?: readonly string[];
  /** As in {@link Redemption}. */
  fresh?: boolean;
  resource?: Resource;
  /** More members of the token request. */
  members?: Record<string, unknown>;
}

export function permissionsIn(json: Record<string, unknown>): Record<string, string[]> {
  const list = Array.isArray(json.permissions) ? (json.permissions as Record<string, unknown>[]) : [];
  return Object.fromEntries(
    list.map(({ resource_id, resource_scopes }) => [
      String(resource_id),
      Array.isArray(resource_scopes) ? resource_scopes.map(String).sort() : [],
    ]),
  );
}
