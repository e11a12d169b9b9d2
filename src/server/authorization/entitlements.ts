/**
 * What somebody may do at a resource server without a permission ticket: no step of UMA Grant, which always starts at a ticket, but
 * the same assessment by the same policies (UMA Grant 3.3.4). Nobody is asked and no request is filed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Party } from '../../protocol/owner.ts';
import type { Permission } from '../../protocol/permission.ts';
import type { ResourceRecord } from '../stores/types.ts';
import { assess } from './assess.ts';
import { type AuthorityDeps, accountClaims, type RedeemContext, type WireAnswer } from './deps.ts';
import { findUpgradable, issueRpt, type RptSubject } from './rpt.ts';
import { newId } from './secrets.ts';

/** A resource of one resource server and what is wanted there; no scopes = the bare resource. */
export interface Wish {
  resource: ResourceRecord;
  scopes: readonly string[];
}

export interface EntitlementRequest {
  /** Client id of the resource server that all resources belong to. */
  rs: string;
  wishes: readonly Wish[];
  /** An RPT whose permissions the new one takes over, if it may be upgraded. */
  rpt?: string | undefined;
}

/** What of the wishes is allowed; every resource is judged by itself, so that several owners may be among them. */
export async function entitlements(
  deps: AuthorityDeps,
  { wishes }: EntitlementRequest,
  context: RedeemContext,
): Promise<Permission[]> {
  const { identified, client, now } = context;
  const party = identified?.party;
  const ids = wishes.map(({ resource }) => resource.id);
  const policies = ids.length === 0 ? [] : await deps.stores.policies.ofResources(ids);
  const claims = [...(identified?.claims ?? []), ...accountClaims(deps, party)];
  return wishes.flatMap(({ resource, scopes }) => {
    const { id, owner, description } = resource;
    const assessment = assess({
      resources: [{ id, ticket: scopes, available: description.resource_scopes }],
      owner: { iss: deps.issuer, sub: owner },
      registered: client.registered_scopes,
      requested: [],
      client_id: client.id,
      party,
      claims,
      policies,
      denials: [],
      settings: { ...deps.settings, ask_owner: false, partial: context.choices?.partial ?? deps.settings.partial },
      now,
    });
    return assessment.kind === 'granted' ? assessment.permissions : [];
  });
}

/** An RPT for what is allowed of the wishes; undefined where that is nothing. */
export async function issueEntitlements(
  deps: AuthorityDeps,
  request: EntitlementRequest,
  party: Party,
  context: RedeemContext,
): Promise<WireAnswer | undefined> {
  for (;;) {
    const permissions = await entitlements(deps, request, context);
    if (permissions.length === 0) return undefined;
    const owners = new Set(
      request.wishes
        .filter(({ resource }) => permissions.some(({ resource_id }) => resource_id === resource.id))
        .map(({ resource }) => resource.owner),
    );
    const [owner] = owners;
    const subject: RptSubject = {
      chain: newId(),
      // One of several owners' resources is nobody's in particular: it is found by its resources and its resource server.
      owner: owners.size === 1 ? owner! : request.rs,
      rs: request.rs,
      client_id: context.client.id,
      party,
    };
    const earlier = request.rpt === undefined ? undefined : await findUpgradable(deps, request.rpt, subject, context);
    const { answer, takeBack } = await issueRpt(deps, subject, permissions, context, earlier);
    // As in redeem: a revocation that was acknowledged meanwhile has not seen this RPT.
    if (!isDeepStrictEqual(await entitlements(deps, request, context), permissions)) {
      await takeBack();
      continue;
    }
    if (earlier !== undefined) await deps.stores.rpts.delete(earlier.key);
    for (const { resource_id, resource_scopes } of permissions) {
      const { resource } = request.wishes.find((wish) => wish.resource.id === resource_id)!;
      await deps.stores.history.append({
        id: newId(),
        owner: resource.owner,
        type: 'rpt_issued',
        at: context.now,
        resource_id,
        scopes: resource_scopes,
        party,
        client_id: context.client.id,
      });
    }
    return answer;
  }
}
