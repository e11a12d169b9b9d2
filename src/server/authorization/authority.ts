/** The authority: what the HTTP side may ask of authorization/, bound to one set of stores and settings. */
import type { Party } from '../../protocol/owner.ts';
import type { Permission, RequestedPermission } from '../../protocol/permission.ts';
import { difference } from '../../protocol/scopes.ts';
import type { Domain, ResourceRecord } from '../stores/types.ts';
import type { AuthorityDeps, RedeemContext, RedeemParams, WireAnswer } from './deps.ts';
import { type EntitlementRequest, entitlements, issueEntitlements } from './entitlements.ts';
import { firstUse } from './first-use.ts';
import { redeem } from './redeem.ts';
import { introspectRpt, refreshRpt, revokeToken } from './rpt.ts';
import { keyOf, newId, newSecret } from './secrets.ts';

export interface Authority {
  /** A permission ticket for permissions that were checked against the domain (FED 4). `until` ends it before its usual life. */
  issueTicket(domain: Domain, permissions: RequestedPermission[], now: number, until?: number): Promise<string>;
  redeem(params: RedeemParams, context: RedeemContext): Promise<WireAnswer>;
  /** What is allowed without a ticket, on a wire that has such a request. */
  entitlements(request: EntitlementRequest, context: RedeemContext): Promise<Permission[]>;
  /** An RPT for that; undefined where nothing is allowed. */
  issueEntitlements(request: EntitlementRequest, party: Party, context: RedeemContext): Promise<WireAnswer | undefined>;
  refresh(token: string, scope: string | undefined, context: RedeemContext): Promise<WireAnswer | undefined>;
  /** An answer that is frozen is given again while nothing in it changes. */
  introspect(
    token: string,
    domain: { rs: string; owner?: string | undefined },
    now: number,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  revoke(token: string, client_id: string, now: number): Promise<boolean>;
  /** To be called after an update: an RPT never shows a scope that its resource has lost (FED-5.1.1-05). */
  resourceChanged(before: ResourceRecord, scopes: readonly string[]): Promise<void>;
  /** To be called after a deletion: policies, requests and permissions of the resource end (FED-3.2.4-02). */
  resourceDeleted(resource_id: string): Promise<void>;
}

export function createAuthority(deps: AuthorityDeps): Authority {
  const { stores, settings } = deps;
  const used = firstUse(stores);

  async function withdraw(resource_id: string): Promise<void> {
    // In this order, here and wherever access is withdrawn: see refreshRpt.
    await stores.refreshes.withdraw(resource_id, {});
    await stores.rpts.withdraw(resource_id, {});
  }

  return {
    async issueTicket({ owner, rs }, permissions, now, until = Number.POSITIVE_INFINITY) {
      const ticket = newSecret();
      await stores.tickets.put({
        key: keyOf(ticket),
        chain: newId(),
        owner,
        rs,
        permissions,
        expires_at: Math.min(now + settings.ticket_ttl, until),
      });
      return ticket;
    },
    redeem: (params, context) => redeem(deps, params, context),
    entitlements: (request, context) => entitlements(deps, request, context),
    issueEntitlements: (request, party, context) => issueEntitlements(deps, request, party, context),
    refresh: (token, scope, context) => refreshRpt(deps, token, scope, context),
    introspect: (token, domain, now) => introspectRpt(deps, token, domain, now, used),
    revoke: (token, client_id, now) => revokeToken(deps, token, client_id, now),
    async resourceChanged(before, scopes) {
      if (difference(before.description.resource_scopes, scopes).length > 0) await withdraw(before.id);
    },
    async resourceDeleted(resource_id) {
      await stores.policies.deleteOfResource(resource_id);
      await stores.requests.delete(resource_id);
      await withdraw(resource_id);
    },
  };
}
