/** RPTs after they were decided on: issuing, upgrading, refreshing, introspecting, revoking (UMA Grant 3.3.5, 3.6, 3.7; FED 5.1). */
import { isDeepStrictEqual } from 'node:util';
import type { Party } from '../../protocol/owner.ts';
import type { Permission } from '../../protocol/permission.ts';
import { difference, intersection, parseScope, union } from '../../protocol/scopes.ts';
import type { Domain, RefreshRecord, RptRecord } from '../stores/types.ts';
import { isSame } from './assess.ts';
import { type AuthorityDeps, type RedeemContext, type WireAnswer, wireError } from './deps.ts';
import type { FirstUse } from './first-use.ts';
import { keyOf, newId, newSecret } from './secrets.ts';

/** What an RPT is about: one requesting party, client, AS, resource server and owner (GRANT-1.3-01). */
export interface RptSubject extends Domain {
  chain: string;
  client_id: string;
  party: Party;
}

export const INVALID_GRANT = 'The provided access grant is invalid, expired, or revoked.';

export interface IssuedRpt {
  answer: WireAnswer;
  /** Makes the RPT and its refresh token, which nobody has seen yet, as if they had never been. */
  takeBack(): Promise<void>;
}

/**
 * Issues an RPT and, where the client may have one, a refresh token. `earlier` is an RPT whose permissions it takes over
 * (GRANT-3.3.5.1-03); deleting that one is the caller's.
 */
export async function issueRpt(
  deps: AuthorityDeps,
  subject: RptSubject,
  permissions: Permission[],
  context: RedeemContext,
  earlier?: RptRecord,
): Promise<IssuedRpt> {
  const kept = earlier === undefined ? [] : stillValid(earlier, context.now);
  const family = newId();
  const issued = await store(deps, subject, merge(kept, permissions), context, family);
  if (earlier !== undefined) issued.answer.body.upgraded = true;
  return issued;
}

async function store(
  { stores, settings, issuer, signer }: AuthorityDeps,
  subject: RptSubject,
  permissions: Permission[],
  { client, now, jkt }: RedeemContext,
  family: string,
): Promise<IssuedRpt> {
  const { owner, rs, chain, client_id, party } = subject;
  const expires_at = now + settings.rpt_ttl;
  // The refresh token remembers the owner's own limits, the RPT those and its own end.
  const dated = permissions.map((permission) => ({
    ...permission,
    exp: Math.min(permission.exp ?? expires_at, expires_at),
  }));
  const bound = jkt === undefined ? {} : { jkt };
  let rpt = newSecret();
  if (settings.rpt_format === 'jwt') {
    const cnf = jkt === undefined ? {} : { cnf: { jkt } };
    const claims = {
      iss: issuer,
      aud: rs,
      sub: subjectOf(party, issuer),
      requesting_party: { iss: party.iss, sub: party.sub },
      client_id,
      iat: now,
      exp: expires_at,
      jti: newId(),
      permissions: dated,
      ...cnf,
    };
    rpt = await signer.sign(claims, 'at+jwt');
  }
  await stores.rpts.put({
    key: keyOf(rpt),
    chain,
    owner,
    rs,
    client_id,
    party,
    permissions: dated,
    issued_at: now,
    expires_at,
    ...bound,
  });
  const body: Record<string, unknown> = {
    access_token: rpt,
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: settings.rpt_ttl,
  };
  if (client.may_refresh) {
    const refresh = newSecret();
    const until = now + settings.refresh_ttl;
    await stores.refreshes.put({
      key: keyOf(refresh),
      family,
      chain,
      owner,
      rs,
      client_id,
      party,
      permissions,
      expires_at: until,
      ...bound,
    });
    body.refresh_token = refresh;
  }
  return {
    answer: { status: 200, body },
    async takeBack() {
      const { access_token, refresh_token } = body;
      await stores.rpts.delete(keyOf(access_token as string));
      if (refresh_token !== undefined) await stores.refreshes.delete(keyOf(refresh_token as string));
    },
  };
}

/**
 * The `sub` of a JWT (RFC 9068 2.2 wants one), which is read together with its `iss`, this AS: somebody from elsewhere gets a name
 * that nobody here has, or the bob of another issuer would pass for ours. `requesting_party` has both as they are.
 */
function subjectOf({ iss, sub }: Party, issuer: string): string {
  return iss === issuer ? sub : `${iss}#${sub}`;
}

/**
 * The RPT named by `rpt` in a token request, if it may be upgraded: this client's, same owner, resource server and party, and,
 * when it is bound to a key, proved by that key. Expired is allowed (GRANT-3.3.1-10); anything else is treated as absent (Q6).
 */
export async function findUpgradable(
  { stores }: AuthorityDeps,
  rpt: string,
  subject: RptSubject,
  { now, jkt }: RedeemContext,
): Promise<RptRecord | undefined> {
  const record = await stores.rpts.get(keyOf(rpt), now, { allowExpired: true });
  if (record === undefined || record.client_id !== subject.client_id || record.owner !== subject.owner)
    return undefined;
  if (record.rs !== subject.rs || !isSame(record.party, subject.party) || record.jkt !== jkt) return undefined;
  return record;
}

/**
 * `grant_type=refresh_token` with a refresh token of an RPT: no assessment (GRANT-3.6-03), never more than before (GRANT-3.6-04).
 * Undefined when the token is not one of an RPT. A second use revokes the family (SEC-9700-12).
 */
export async function refreshRpt(
  deps: AuthorityDeps,
  token: string,
  scope: string | undefined,
  context: RedeemContext,
): Promise<WireAnswer | undefined> {
  const { stores } = deps;
  const { client, now, jkt } = context;
  const key = keyOf(token);
  const known = await stores.refreshes.get(key, now);
  if (known !== undefined) {
    if (known.client_id !== client.id) return wireError(400, 'invalid_grant', INVALID_GRANT);
    if (known.jkt !== undefined && known.jkt !== jkt)
      return wireError(400, 'invalid_grant', 'the refresh token is bound to another key');
    const asked = parseScope(scope);
    const before = union(...known.permissions.map((permission) => permission.resource_scopes));
    const wider = difference(asked, before);
    if (wider.length > 0) return wireError(400, 'invalid_scope', `not granted before: ${wider.join(' ')}`);
  }
  const taken = await stores.refreshes.take(key, now, client.id);
  if (taken.kind === 'unknown') return undefined;
  if (taken.kind === 'used') {
    await stores.refreshes.revokeFamily(taken.family);
    return wireError(400, 'invalid_grant', INVALID_GRANT);
  }
  for (let { refresh } = taken; ; ) {
    const permissions = narrowed(refresh, parseScope(scope), now);
    if (permissions.length === 0) return wireError(400, 'invalid_grant', INVALID_GRANT);
    const { answer, takeBack } = await store(deps, refresh, permissions, context, refresh.family);
    // A withdrawal takes from refresh tokens, used ones too, and then from RPTs. One that has not touched the used token yet will
    // see what was made from it; one that has may have missed it.
    const left = await stores.refreshes.get(key, now, { allowUsed: true });
    if (left !== undefined && isDeepStrictEqual(left.permissions, refresh.permissions)) return answer;
    await takeBack();
    // The one use that there was has its answer, as it would have had a moment earlier; what is in it has ended meanwhile.
    if (left === undefined) return answer;
    refresh = left;
  }
}

function narrowed(refresh: RefreshRecord, asked: readonly string[], now: number): Permission[] {
  const current = stillValid(refresh, now);
  if (asked.length === 0) return current;
  return current
    .map((permission) => ({ ...permission, resource_scopes: intersection(permission.resource_scopes, asked) }))
    .filter((permission) => permission.resource_scopes.length > 0);
}

/**
 * The introspection answer for an RPT; undefined when the token is none. `domain` is the caller's PAT's: another owner's or
 * resource server's RPT is inactive for it (ATK-12). Without an owner in it, any owner of that resource server. `used` is told of every
 * RPT before its first active answer.
 */
export async function introspectRpt(
  { stores, issuer }: AuthorityDeps,
  token: string,
  domain: { rs: string; owner?: string | undefined },
  now: number,
  used: FirstUse,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const record = await stores.rpts.get(keyOf(token), now);
  if (record === undefined) return undefined;
  if (record.rs !== domain.rs || (domain.owner !== undefined && domain.owner !== record.owner)) return INACTIVE;
  const known = told.get(record);
  if (known !== undefined && now < known.until) return known.answer;
  const permissions = stillValid(record, now);
  if (permissions.length === 0) return INACTIVE;
  await used(record, permissions, now);
  const answer = answerFor(record, permissions, issuer);
  if (Object.isFrozen(record)) {
    const until = Math.min(...permissions.map(({ exp = Number.POSITIVE_INFINITY }) => exp));
    told.set(record, { answer: Object.freeze(answer), until });
  }
  return answer;
}

const INACTIVE = Object.freeze({ active: false });

/** Answers made for records that a store gives again as they are (frozen), and the moment at which the next permission ends. */
const told = new WeakMap<RptRecord, { answer: Readonly<Record<string, unknown>>; until: number }>();

function answerFor(record: RptRecord, permissions: Permission[], issuer: string): Record<string, unknown> {
  const { party, client_id, rs, expires_at, issued_at, jkt } = record;
  const answer: Record<string, unknown> = {
    active: true,
    permissions,
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    exp: expires_at,
    iat: issued_at,
    iss: issuer,
    aud: rs,
    client_id,
    requesting_party: { iss: party.iss, sub: party.sub },
  };
  // A subject means something only together with its issuer: `sub` alone is for people of this AS.
  if (party.iss === issuer) answer.sub = party.sub;
  if (jkt !== undefined) answer.cnf = { jkt };
  return answer;
}

/** RFC 7009 for RPTs, their refresh tokens and PCTs: true when the token was one of this client's and is gone now. */
export async function revokeToken(
  { stores }: AuthorityDeps,
  token: string,
  client_id: string,
  now: number,
): Promise<boolean> {
  const key = keyOf(token);
  const rpt = await stores.rpts.get(key, now);
  if (rpt?.client_id === client_id) return await stores.rpts.delete(key);
  const refresh = await stores.refreshes.get(key, now);
  if (refresh?.client_id === client_id) {
    await stores.refreshes.revokeFamily(refresh.family);
    // SEC-7009-04: the access tokens of a revoked refresh token go with it.
    await stores.rpts.revoke({ chain: refresh.chain, client_id });
    return true;
  }
  const pct = await stores.pcts.get(key, now);
  return pct?.client_id === client_id ? await stores.pcts.delete(key) : false;
}

function stillValid(record: { permissions: Permission[] }, now: number): Permission[] {
  return record.permissions.filter(({ exp }) => exp === undefined || exp > now);
}

function merge(earlier: readonly Permission[], later: readonly Permission[]): Permission[] {
  const byId = new Map(earlier.map((permission) => [permission.resource_id, permission]));
  for (const permission of later) {
    const before = byId.get(permission.resource_id);
    if (before === undefined) byId.set(permission.resource_id, permission);
    else {
      const exp = Math.min(before.exp ?? Number.POSITIVE_INFINITY, permission.exp ?? Number.POSITIVE_INFINITY);
      byId.set(permission.resource_id, {
        resource_id: permission.resource_id,
        resource_scopes: union(before.resource_scopes, permission.resource_scopes),
        ...(Number.isFinite(exp) ? { exp } : {}),
      });
    }
  }
  return [...byId.values()];
}
