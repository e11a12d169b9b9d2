/** The policies of a resource owner, as she makes, changes and ends them. */
import { UmaError } from '../../protocol/errors.ts';
import type { HistoryEntry, HistoryType, Policy, PolicyDescription } from '../../protocol/owner.ts';
import { difference } from '../../protocol/scopes.ts';
import { newId } from '../authorization/secrets.ts';
import type { GrantFilter, PageOf, PageRequest, PolicyRecord, ResourceRecord, Stores } from '../stores/types.ts';

export interface OwnerPolicies {
  list(owner: string, filter: { resource_id?: string | undefined }, page: PageRequest): Promise<PageOf<Policy>>;
  get(owner: string, id: string): Promise<Policy>;
  /**
   * With an `id` of the caller's choice it happens once, however often it is asked for.
   * @throws UmaError `conflict` when a policy has that id.
   */
  create(owner: string, description: PolicyDescription, id?: string): Promise<Policy>;
  update(owner: string, id: string, description: PolicyDescription): Promise<Policy>;
  delete(owner: string, id: string): Promise<void>;
}

/** What the parts of the owner service share. */
export interface OwnerDesk {
  stores: Stores;
  /** Seconds since the epoch. */
  now: () => number;
  /** @throws UmaError `not_found` for a resource that is not hers. */
  owned(owner: string, resource_id: string): Promise<ResourceRecord>;
  log(owner: string, type: HistoryType, entry: Omit<HistoryEntry, 'id' | 'type' | 'at'>): Promise<void>;
}

export function ownerPolicies({ stores, now, owned, log }: OwnerDesk): OwnerPolicies {
  /** ATK-17: every resource and scope that a policy names is checked. */
  async function checkPolicy(owner: string, description: PolicyDescription): Promise<void> {
    const resource = await owned(owner, description.resource_id);
    const unknown = difference(description.scopes ?? [], resource.description.resource_scopes);
    if (unknown.length > 0) throw fault('invalid_scope', `the resource does not offer ${unknown.join(' ')}`);
  }

  /** What was issued under a policy ends with it: of one party where the policy is about one, else of all on the resource. */
  async function withdrawFor({ resource_id, subject }: PolicyRecord): Promise<number> {
    // Not by owner: an RPT can be about resources of several, and the resource names its own.
    const filter: GrantFilter = 'party' in subject ? { party: subject.party } : {};
    await stores.refreshes.withdraw(resource_id, filter);
    return await stores.rpts.withdraw(resource_id, filter);
  }

  return {
    async list(owner, filter, page) {
      const { items, ...rest } = await stores.policies.list(owner, filter, page);
      return { items: items.map(withoutOwner), ...rest };
    },
    async get(owner, id) {
      const policy = await stores.policies.get(id, owner);
      if (policy === undefined) throw fault('not_found', `you have no policy ${id}`);
      return withoutOwner(policy);
    },
    async create(owner, description, id = newId()) {
      await checkPolicy(owner, description);
      const policy: PolicyRecord = { ...description, id, owner, created_at: now(), updated_at: now() };
      try {
        await stores.policies.create(policy);
      } catch (error) {
        // Only an id that is taken already is no failure of the store's.
        if ((await stores.policies.get(id, owner)) === undefined) throw error;
        throw fault('conflict', 'this policy has been created already');
      }
      if (policy.effect === 'deny') await withdrawFor(policy);
      await log(owner, 'policy_created', policyEntry(policy));
      return withoutOwner(policy);
    },
    async update(owner, id, description) {
      const before = await stores.policies.get(id, owner);
      if (before === undefined) throw fault('not_found', `you have no policy ${id}`);
      await checkPolicy(owner, description);
      const policy = await stores.policies.update(id, owner, description, now());
      if (policy === undefined) throw fault('not_found', `you have no policy ${id}`);
      // Whatever the change was, what the old text granted is asked for anew.
      await withdrawFor(before);
      if (policy.effect === 'deny') await withdrawFor(policy);
      await log(owner, 'policy_updated', policyEntry(policy));
      return withoutOwner(policy);
    },
    async delete(owner, id) {
      const policy = await stores.policies.delete(id, owner);
      if (policy === undefined) throw fault('not_found', `you have no policy ${id}`);
      await withdrawFor(policy);
      await log(owner, 'policy_deleted', policyEntry(policy));
    },
  };
}

function withoutOwner({ owner: _owner, ...policy }: PolicyRecord): Policy {
  return policy;
}

function policyEntry({ resource_id, scopes, subject }: PolicyRecord): Omit<HistoryEntry, 'id' | 'type' | 'at'> {
  return {
    resource_id,
    ...(scopes === undefined ? {} : { scopes }),
    ...('party' in subject ? { party: subject.party } : {}),
  };
}

export const fault = (code: 'not_found' | 'invalid_request' | 'invalid_scope' | 'conflict', message: string) =>
  new UmaError('refused', code, message);
