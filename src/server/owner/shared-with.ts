/** The other end of a share: what others let somebody use, and giving it up. */
import { UmaError } from '../../protocol/errors.ts';
import type { HistoryEntry, Party, PolicySubject, RevocationAnswer, SharedResource } from '../../protocol/owner.ts';
import { isSame } from '../authorization/assess.ts';
import type { AuthorityDeps } from '../authorization/deps.ts';
import { newId } from '../authorization/secrets.ts';
import type { PageOf, PageRequest, PolicyRecord } from '../stores/types.ts';

export interface SharedWith {
  /** What others share with this person, by name, verified e-mail address or group; what has ended is left out. */
  list(sub: string, page: PageRequest): Promise<PageOf<SharedResource>>;
  /** Ends what is shared with this person by name, RPTs and refresh tokens included. @throws UmaError `not_found`. */
  giveUp(sub: string, resource_id: string): Promise<RevocationAnswer>;
}

export interface SharedWithDeps extends Pick<AuthorityDeps, 'issuer' | 'stores' | 'directory'> {
  now: () => number;
}

export function sharedWith({ issuer, stores, directory, now }: SharedWithDeps): SharedWith {
  const partyOf = (sub: string): Party => ({ iss: issuer, sub });

  function subjectsOf(sub: string): PolicySubject[] {
    const person = directory.bySub(sub);
    const email = person?.email_verified === true ? person.email : undefined;
    return [
      { party: partyOf(sub) },
      ...(email === undefined ? [] : [{ email }]),
      ...(person?.groups ?? []).map((group) => ({ group })),
    ];
  }

  async function shown(policy: PolicyRecord, sub: string): Promise<SharedResource | undefined> {
    const { resource_id, owner, effect, scopes, subject, expires_at, clients, claims } = policy;
    const resource = await stores.resources.get(resource_id);
    const over = expires_at !== undefined && expires_at <= now();
    if (resource === undefined || resource.owner !== owner || owner === sub || effect !== 'allow' || over)
      return undefined;
    const { name } = resource.description;
    const owner_name = directory.bySub(owner)?.name;
    return {
      resource_id,
      owner,
      client_id: resource.rs,
      scopes: scopes ?? resource.description.resource_scopes,
      via: 'party' in subject ? 'party' : 'email' in subject ? 'email' : 'group',
      since: policy.created_at,
      ...(name === undefined ? {} : { name }),
      ...(owner_name === undefined ? {} : { owner_name }),
      ...(expires_at === undefined ? {} : { expires_at }),
      ...(clients === undefined ? {} : { clients }),
      ...(claims === undefined ? {} : { needs_claims: claims.map((claim) => claim.friendly_name ?? claim.name) }),
    };
  }

  return {
    async list(sub, page) {
      const { items, ...rest } = await stores.policies.ofSubjects(subjectsOf(sub), page);
      const all = await Promise.all(items.map((policy) => shown(policy, sub)));
      return { items: all.filter((item) => item !== undefined), ...rest };
    },
    async giveUp(sub, resource_id) {
      const party = partyOf(sub);
      const resource = await stores.resources.get(resource_id);
      let policies = 0;
      for (const { id, owner, effect, subject } of await stores.policies.ofResources([resource_id])) {
        if (effect !== 'allow' || !('party' in subject) || !isSame(subject.party, party)) continue;
        if ((await stores.policies.delete(id, owner)) !== undefined) policies += 1;
      }
      if (resource === undefined || policies === 0)
        throw new UmaError('refused', 'not_found', `nobody shares a resource ${resource_id} with you by name`);
      await stores.refreshes.withdraw(resource_id, { party });
      const rpts = await stores.rpts.withdraw(resource_id, { party });
      const requests = await stores.requests.delete(resource_id, party);
      const entry: Omit<HistoryEntry, 'id' | 'at'> = { type: 'share_given_up', resource_id, party };
      await stores.history.append({ ...entry, id: newId(), owner: resource.owner, at: now() });
      return { policies, rpts, requests };
    },
  };
}
