/**
 * owner/: what a resource owner does at the AS: decide requests, keep policies, withdraw access, look at history. One service
 * behind every way to it (API, console, layouts). UMA leaves this side open (UMA Grant 1.4); the shapes are protocol/owner.ts.
 * Imports protocol, authorization and the store interfaces; knows no HTTP.
 */
import type {
  AccessRequest,
  HistoryEntry,
  HistoryType,
  OwnedResource,
  Party,
  PolicyDescription,
  Revocation,
  RevocationAnswer,
} from '../../protocol/owner.ts';
import { difference, union } from '../../protocol/scopes.ts';
import { isSame } from '../authorization/assess.ts';
import type { AuthorityDeps } from '../authorization/deps.ts';
import { keyOf, newId } from '../authorization/secrets.ts';
import type { Person } from '../config/parts.ts';
import type { GrantFilter, PageOf, PageRequest, PolicyRecord, RequestRecord, ResourceRecord } from '../stores/types.ts';
import { lookAlikes } from './look-alike.ts';
import { fault, type OwnerPolicies, ownerPolicies } from './policies.ts';
import { type SharedWith, sharedWith } from './shared-with.ts';

/** Errors: `not_found`, `invalid_request`, `invalid_scope`, `conflict`, all of category `refused`; the HTTP side maps them to 404, 400, 400, 409. */
export interface OwnerService {
  requests: {
    list(
      owner: string,
      filter: { status?: AccessRequest['status'] | undefined },
      page: PageRequest,
    ): Promise<PageOf<AccessRequest>>;
    get(owner: string, id: string): Promise<AccessRequest>;
    /** Allows `scopes` (default: those asked for) to the party of the request; a denied request can be allowed later. */
    approve(
      owner: string,
      id: string,
      decision: {
        scopes?: string[] | undefined;
        expires_at?: number | undefined;
        message?: string | undefined;
        /** The states in which she saw it; in another one nothing is done. Default: both that can be allowed. */
        from?: readonly AccessRequest['status'][] | undefined;
      },
    ): Promise<AccessRequest>;
    deny(owner: string, id: string, decision: { message?: string | undefined }): Promise<AccessRequest>;
    /** How many wait: counted up to a hundred, then `more`. */
    waiting(owner: string): Promise<{ count: number; more: boolean }>;
  };
  policies: OwnerPolicies;
  /** Withdraws what was granted; RPTs and refresh tokens lose it at once. */
  revoke(owner: string, revocation: Revocation): Promise<RevocationAnswer>;
  resources(owner: string, page: PageRequest): Promise<PageOf<OwnedResource>>;
  resource(owner: string, id: string): Promise<OwnedResource>;
  sharedWith: SharedWith;
  history(
    owner: string,
    filter: { type?: HistoryType | undefined; resource_id?: string | undefined; party?: Party | undefined },
    page: PageRequest,
  ): Promise<PageOf<HistoryEntry>>;
  /** Somebody with an account here, by the exact user name. */
  person(username: string): Party | undefined;
  /** People here whose user name can be taken for this one. */
  lookAlikes(username: string): Promise<Person[]>;
}

export interface OwnerServiceDeps extends Pick<AuthorityDeps, 'issuer' | 'stores' | 'directory'> {
  /** Everybody with an account here. */
  everybody: () => readonly Person[];
  /** Seconds since the epoch. */
  now: () => number;
}

/** How far requests that wait are counted. */
const COUNTED = 100;

export function createOwnerService({ issuer, stores, directory, everybody, now }: OwnerServiceDeps): OwnerService {
  async function owned(owner: string, resource_id: string): Promise<ResourceRecord> {
    const resource = await stores.resources.get(resource_id);
    // Unknown and foreign look the same from outside (ATK-15).
    if (resource === undefined || resource.owner !== owner)
      throw fault('not_found', `you own no resource ${resource_id}`);
    return resource;
  }

  async function log(owner: string, type: HistoryType, entry: Omit<HistoryEntry, 'id' | 'type' | 'at'>): Promise<void> {
    await stores.history.append({ id: newId(), owner, type, at: now(), ...entry });
  }

  /** The policy that shares a resource with one party and asks for nothing else, which approvals add to. */
  async function shareWith(
    owner: string,
    resource_id: string,
    party: Party,
    expires_at: number | undefined,
  ): Promise<PolicyRecord | undefined> {
    const policies = await stores.policies.ofResources([resource_id]);
    return policies.find(
      (policy) =>
        policy.owner === owner &&
        policy.effect === 'allow' &&
        'party' in policy.subject &&
        isSame(policy.subject.party, party) &&
        policy.claims === undefined &&
        policy.clients === undefined &&
        policy.expires_at === expires_at &&
        policy.scopes !== undefined,
    );
  }

  /** @returns what takes it back. */
  async function share(
    owner: string,
    resource_id: string,
    party: Party,
    scopes: string[],
    expires_at: number | undefined,
  ): Promise<() => Promise<void>> {
    const existing = await shareWith(owner, resource_id, party, expires_at);
    const description: PolicyDescription = {
      resource_id,
      effect: 'allow',
      scopes: union(existing?.scopes ?? [], scopes),
      subject: { party },
      ...(expires_at === undefined ? {} : { expires_at }),
    };
    if (existing !== undefined) {
      await stores.policies.update(existing.id, owner, description, now());
      return async () =>
        void (await stores.policies.update(existing.id, owner, { ...description, scopes: existing.scopes! }, now()));
    }
    const id = newId();
    await stores.policies.create({ id, owner, created_at: now(), updated_at: now(), ...description });
    return async () => void (await stores.policies.delete(id, owner));
  }

  async function request(owner: string, id: string): Promise<RequestRecord> {
    const found = await stores.requests.get(id, owner);
    if (found === undefined) throw fault('not_found', `you have no request ${id}`);
    return found;
  }

  async function shown({ owner: _owner, ...rest }: RequestRecord): Promise<AccessRequest> {
    const name = (await stores.resources.get(rest.resource_id))?.description.name;
    const client_name = directory.clientName(rest.client_id);
    return {
      ...rest,
      ...(name === undefined ? {} : { resource_name: name }),
      ...(client_name === undefined ? {} : { client_name }),
    };
  }

  return {
    requests: {
      async list(owner, filter, page) {
        const { items, ...rest } = await stores.requests.list(owner, filter, page);
        return { items: await Promise.all(items.map(shown)), ...rest };
      },
      get: async (owner, id) => await shown(await request(owner, id)),
      async approve(owner, id, { scopes, expires_at, message, from = ['pending', 'denied'] }) {
        const { resource_id, party, scopes: asked, client_id, status } = await request(owner, id);
        if (status === 'approved') throw fault('conflict', 'the request has been approved already');
        if (!from.includes(status)) throw fault('conflict', 'the request has been decided already');
        const resource = await owned(owner, resource_id);
        const granted_scopes = scopes ?? asked;
        const unknown = difference(granted_scopes, resource.description.resource_scopes);
        if (unknown.length > 0) throw fault('invalid_scope', `the resource does not offer ${unknown.join(' ')}`);
        // The share first: a crash between the two leaves an open request, never an approval that grants nothing.
        const undo = await share(owner, resource_id, party, granted_scopes, expires_at);
        const decided = await stores.requests.decide(id, owner, from, {
          status: 'approved',
          decided_at: now(),
          granted_scopes,
          ...(message === undefined ? {} : { message }),
        });
        if (decided === undefined) {
          // Somebody denied it meanwhile; had somebody approved it, the share would be hers.
          if ((await stores.requests.get(id, owner))?.status !== 'approved') await undo();
          throw fault('conflict', 'the request has been decided already');
        }
        await log(owner, 'request_approved', { resource_id, party, client_id, scopes: granted_scopes });
        return await shown(decided);
      },
      async deny(owner, id, { message }) {
        const { resource_id, party, scopes, client_id } = await request(owner, id);
        const decided = await stores.requests.decide(id, owner, ['pending'], {
          status: 'denied',
          decided_at: now(),
          ...(message === undefined ? {} : { message }),
        });
        if (decided === undefined) throw fault('conflict', 'the request has been decided already');
        await log(owner, 'request_denied', { resource_id, party, client_id, scopes });
        return await shown(decided);
      },
      async waiting(owner) {
        const { items, next } = await stores.requests.list(owner, { status: 'pending' }, { limit: COUNTED });
        return { count: items.length, more: next !== undefined };
      },
    },

    policies: ownerPolicies({ stores, now, owned, log }),

    async revoke(owner, { resource_id, party, token }) {
      if (token !== undefined) {
        if (resource_id !== undefined || party !== undefined) throw fault('invalid_request', 'give "token" alone');
        const rpt = await stores.rpts.get(keyOf(token), now());
        if (rpt === undefined || rpt.owner !== owner)
          throw fault('not_found', 'the token is no active RPT for a resource of yours');
        await stores.refreshes.revoke({ owner, chain: rpt.chain });
        await stores.rpts.delete(rpt.key);
        await log(owner, 'access_revoked', { party: rpt.party, client_id: rpt.client_id });
        return { policies: 0, rpts: 1, requests: 0 };
      }
      if (resource_id === undefined) throw fault('invalid_request', 'give "resource_id" (and "party"), or "token"');
      await owned(owner, resource_id);
      let policies = 0;
      for (const policy of await stores.policies.ofResources([resource_id])) {
        const ofParty = party === undefined || ('party' in policy.subject && isSame(policy.subject.party, party));
        if (policy.owner !== owner || policy.effect !== 'allow' || !ofParty) continue;
        if ((await stores.policies.delete(policy.id, owner)) !== undefined) policies += 1;
      }
      const filter: GrantFilter = party === undefined ? {} : { party };
      await stores.refreshes.withdraw(resource_id, filter);
      const rpts = await stores.rpts.withdraw(resource_id, filter);
      const requests = await stores.requests.delete(resource_id, party);
      await log(owner, 'access_revoked', { resource_id, ...(party === undefined ? {} : { party }) });
      return { policies, rpts, requests };
    },

    async resources(owner, page) {
      const { items, ...rest } = await stores.resources.ofOwner(owner, page);
      return { items: items.map(asOwned), ...rest };
    },
    resource: async (owner, id) => asOwned(await owned(owner, id)),
    sharedWith: sharedWith({ issuer, stores, directory, now }),

    async history(owner, filter, page) {
      const { items, ...rest } = await stores.history.list(owner, filter, page);
      const named = await Promise.all(
        items.map(async ({ owner: _owner, ...entry }) => {
          const name =
            entry.resource_id === undefined
              ? undefined
              : (await stores.resources.get(entry.resource_id))?.description.name;
          return name === undefined || entry.resource_name !== undefined ? entry : { ...entry, resource_name: name };
        }),
      );
      return { items: named, ...rest };
    },

    lookAlikes: (username) => lookAlikes(username, everybody()),

    person(username) {
      const person = directory.byUsername(username);
      return person === undefined ? undefined : { iss: issuer, sub: person.sub, name: person.name ?? person.username };
    },
  };
}

const asOwned = ({ id, rs, description, created_at }: ResourceRecord): OwnedResource => ({
  ...description,
  _id: id,
  client_id: rs,
  created_at,
});
