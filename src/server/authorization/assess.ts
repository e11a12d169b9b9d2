/**
 * authorization/: who gets what. The assessment of UMA Grant 3.3.4 as a pure function (this file), claim tokens, the
 * uma-ticket grant around them, and RPTs. Imports only `protocol` and the store interfaces; knows no HTTP and no vendor.
 */
import type { Party, PolicyClaim } from '../../protocol/owner.ts';
import type { Permission } from '../../protocol/permission.ts';
import { difference, requestedScopesOf, union } from '../../protocol/scopes.ts';
import type { BelievedClaim, PolicyRecord, RequestRecord } from '../stores/types.ts';
import type { AuthorizationSettings } from './settings.ts';

export interface AssessedResource {
  id: string;
  /** TicketScopes(resource). */
  ticket: readonly string[];
  /** Scopes registered on the resource now. */
  available: readonly string[];
  /** False: its owner is not asked. */
  may_ask?: boolean;
}

export interface AssessmentInput {
  resources: readonly AssessedResource[];
  /** The owner of all of them (FED-4-02), as a party of this AS. */
  owner: Party;
  /** RegisteredScopes of the client; undefined = every scope. */
  registered: readonly string[] | undefined;
  /** RequestedScopes of the current request. */
  requested: readonly string[];
  client_id: string;
  /** Undefined while nobody is identified. */
  party: Party | undefined;
  claims: readonly BelievedClaim[];
  policies: readonly PolicyRecord[];
  /** Requests of this party that the owner denied. */
  denials: readonly RequestRecord[];
  settings: Pick<AuthorizationSettings, 'ask_owner' | 'owner_always_allowed' | 'partial' | 'denial_ttl'>;
  /** Seconds since the epoch. */
  now: number;
}

/** What a policy would have liked to know, never which values it would accept. `identity`: who the requesting party is at all. */
export type Wanted = Omit<PolicyClaim, 'values'> | 'identity';

export type Assessment =
  | { kind: 'granted'; permissions: Permission[]; partial: boolean }
  | { kind: 'invalid_scope'; scopes: string[] }
  | { kind: 'need_info'; wanted: Wanted[] }
  | { kind: 'request_submitted'; asks: { resource_id: string; scopes: string[] }[] }
  | { kind: 'request_denied' };

type Verdict =
  | { kind: 'allow'; exp?: number }
  | { kind: 'info'; wanted: Wanted[] }
  | { kind: 'owner' }
  | { kind: 'deny' };

/** A scope of a resource, or the bare resource where nothing but the resource was asked for (Q9). */
type Target = string | undefined;

/**
 * Decides one token request, steps 3 and 5 to 8 of the assessment. Total and deterministic: never grants a scope outside
 * RequestedScopes(resource), never depends on the order of policies, and an explicit deny wins.
 */
export function assess(input: AssessmentInput): Assessment {
  const { resources, requested, registered, settings } = input;
  const unavailable = difference(requested, union(...resources.map(({ available }) => [...available])));
  if (unavailable.length > 0) return { kind: 'invalid_scope', scopes: unavailable };

  const permissions: Permission[] = [];
  const asks: { resource_id: string; scopes: string[] }[] = [];
  const wanted: Wanted[] = [];
  let refused = false;
  for (const { id, ticket, available, may_ask = true } of resources) {
    const scopes = requestedScopesOf({ ticket, available, registered, requested });
    const targets: Target[] = scopes.length === 0 ? [undefined] : scopes;
    const allowed: string[] = [];
    const toOwner: string[] = [];
    const ends: number[] = [];
    let bareAllowed = false;
    let asked = false;
    for (const target of targets) {
      const verdict = judge(input, id, target, settings.ask_owner && may_ask);
      if (verdict.kind === 'allow') {
        if (target === undefined) bareAllowed = true;
        else allowed.push(target);
        if (verdict.exp !== undefined) ends.push(verdict.exp);
      } else if (verdict.kind === 'info') wanted.push(...verdict.wanted);
      else if (verdict.kind === 'owner') {
        asked = true;
        if (target !== undefined) toOwner.push(target);
      } else refused = true;
    }
    if (allowed.length > 0 || bareAllowed) {
      const permission: Permission = { resource_id: id, resource_scopes: allowed };
      // Scopes of one permission share its end: the earliest, so that none outlives what the owner allowed.
      if (ends.length > 0) permission.exp = Math.min(...ends);
      permissions.push(permission);
    }
    if (asked) asks.push({ resource_id: id, scopes: toOwner });
  }

  const complete = wanted.length === 0 && asks.length === 0 && !refused;
  if (complete) return { kind: 'granted', permissions, partial: false };
  const part: Assessment | undefined =
    permissions.length > 0 ? { kind: 'granted', permissions, partial: true } : undefined;
  if (part !== undefined && settings.partial === 'first') return part;
  if (wanted.length > 0) return { kind: 'need_info', wanted: distinct(wanted) };
  if (asks.length > 0) return { kind: 'request_submitted', asks };
  if (part !== undefined && settings.partial === 'last') return part;
  return { kind: 'request_denied' };
}

/** One (resource, scope) against all operative policies of the owner. */
function judge(input: AssessmentInput, resource_id: string, target: Target, askOwner: boolean): Verdict {
  const { party, settings, now } = input;
  const operative = input.policies.filter(
    (policy) =>
      policy.resource_id === resource_id &&
      (policy.expires_at === undefined || policy.expires_at > now) &&
      (policy.clients === undefined || policy.clients.includes(input.client_id)) &&
      covers(policy.scopes, target),
  );
  const denies = operative.filter(({ effect }) => effect === 'deny').map((policy) => match(policy, input));
  if (denies.some(({ answer }) => answer === 'yes')) return { kind: 'deny' };
  // A deny that more claims could bring into force has to be settled before anything is allowed.
  const unsettled = denies.filter(({ answer }) => answer === 'unknown');
  if (unsettled.length > 0) return { kind: 'info', wanted: unsettled.flatMap(({ wanted }) => wanted) };

  if (settings.owner_always_allowed && party !== undefined && isSame(party, input.owner)) return { kind: 'allow' };
  const allows = operative
    .filter(({ effect }) => effect === 'allow')
    .map((policy) => ({ ...match(policy, input), exp: policy.expires_at }));
  const granting = allows.filter(({ answer }) => answer === 'yes');
  if (granting.length > 0) {
    const ends = granting.map(({ exp }) => exp ?? Number.POSITIVE_INFINITY);
    const last = Math.max(...ends);
    return Number.isFinite(last) ? { kind: 'allow', exp: last } : { kind: 'allow' };
  }
  const open = allows.filter(({ answer }) => answer === 'unknown');
  if (open.length > 0) return { kind: 'info', wanted: open.flatMap(({ wanted }) => wanted) };
  if (party === undefined) {
    const couldChange = askOwner || settings.owner_always_allowed;
    return couldChange ? { kind: 'info', wanted: ['identity'] } : { kind: 'deny' };
  }
  if (!askOwner || isRefused(input, resource_id, target)) return { kind: 'deny' };
  return { kind: 'owner' };
}

/** A policy without scopes is about all of them and the bare resource; one with an empty list about the bare resource only. */
function covers(scopes: readonly string[] | undefined, target: Target): boolean {
  if (scopes === undefined) return true;
  return target === undefined ? scopes.length === 0 : scopes.includes(target);
}

function isRefused({ denials, now, settings }: AssessmentInput, resource_id: string, target: Target): boolean {
  return denials.some(
    (denial) =>
      denial.resource_id === resource_id &&
      (denial.decided_at ?? 0) + settings.denial_ttl > now &&
      (target === undefined ? denial.scopes.length === 0 : denial.scopes.includes(target)),
  );
}

interface Match {
  answer: 'yes' | 'no' | 'unknown';
  wanted: Wanted[];
}

function match(policy: PolicyRecord, input: AssessmentInput): Match {
  const parts = [matchSubject(policy, input), ...(policy.claims ?? []).map((claim) => matchClaim(claim, input.claims))];
  if (parts.some(({ answer }) => answer === 'no')) return { answer: 'no', wanted: [] };
  const wanted = parts.flatMap((part) => part.wanted);
  return { answer: wanted.length > 0 ? 'unknown' : 'yes', wanted };
}

function matchSubject({ subject }: PolicyRecord, { party, claims }: AssessmentInput): Match {
  if ('anyone' in subject) return { answer: 'yes', wanted: [] };
  if ('party' in subject) {
    if (party === undefined) return { answer: 'unknown', wanted: ['identity'] };
    return { answer: isSame(party, subject.party) ? 'yes' : 'no', wanted: [] };
  }
  if ('group' in subject) return matchClaim({ name: 'groups', values: [subject.group] }, claims);
  // An e-mail address counts only when the same issuer says that it is verified: anybody can claim an address.
  const verified = claims.filter(
    ({ name, issuer }) =>
      name === 'email' &&
      claims.some((claim) => claim.name === 'email_verified' && claim.value === true && claim.issuer === issuer),
  );
  const address = subject.email.toLowerCase();
  if (verified.some(({ value }) => typeof value === 'string' && value.toLowerCase() === address))
    return { answer: 'yes', wanted: [] };
  return verified.length > 0
    ? { answer: 'no', wanted: [] }
    : { answer: 'unknown', wanted: [{ name: 'email', friendly_name: 'verified e-mail address' }] };
}

function matchClaim(wanted: PolicyClaim, claims: readonly BelievedClaim[]): Match {
  const values = claims
    .filter(
      ({ name, issuer }) => name === wanted.name && (wanted.issuer === undefined || wanted.issuer.includes(issuer)),
    )
    .flatMap(({ value }) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  const { values: accepted, ...hint } = wanted;
  if (values.length === 0) return { answer: 'unknown', wanted: [hint] };
  return {
    answer:
      accepted === undefined || values.some((value) => (accepted as readonly unknown[]).includes(value)) ? 'yes' : 'no',
    wanted: [],
  };
}

export function isSame(a: Party, b: Party): boolean {
  return a.iss === b.iss && a.sub === b.sub;
}

/** Every hint once. */
function distinct(wanted: Wanted[]): Wanted[] {
  return [...new Map(wanted.map((item) => [JSON.stringify(item), item])).values()];
}
