/**
 * Policies of an owner (8.1 uma/endpoint-policies.html). AM has one policy a resource with an entry a person; here each entry is a
 * policy, `RESOURCE:PERSON`.
 */
import { UmaError } from '../../../protocol/errors.ts';
import { isObject, isStringArray } from '../../../protocol/http.ts';
import type { PolicyDescription, Revocation } from '../../../protocol/owner.ts';
import { union } from '../../../protocol/scopes.ts';
import {
  FORGEROCK_JSON_PATHS,
  type ForgerockPolicy,
  type ForgerockPolicyPermission,
  type ForgerockResourceSet,
} from '../../../wire/forgerock.ts';
import type { OwnerApi, SeenPolicy } from '../dialect.ts';
import { filtered, type OwnerCalls, one } from './calls.ts';
import { invalid, jsonAnswer, listAnswer, notOffered } from './refusals.ts';

type PoliciesApi = Pick<OwnerApi, 'policies' | 'policy' | 'createPolicy' | 'updatePolicy' | 'deletePolicy' | 'revoke'>;

/** @param sets the owner's resources. */
export function policiesApi(
  issuer: string,
  { call, at }: OwnerCalls,
  sets: () => Promise<ForgerockResourceSet[]>,
): PoliciesApi {
  const partyOf = (sub: string) => ({ iss: issuer, sub });

  async function allPolicies(): Promise<ForgerockPolicy[]> {
    const path = await at(FORGEROCK_JSON_PATHS.policies, filtered('true'));
    return listAnswer(await call('GET', 'the policies were not listed', path), isPolicy);
  }

  /** AM's policy of a resource; undefined where nobody has a share. */
  async function policyOf(resource_id: string): Promise<ForgerockPolicy | undefined> {
    const path = await at(FORGEROCK_JSON_PATHS.policies, one(resource_id));
    try {
      const exchange = await call('GET', 'the policy was not read', path);
      const body = jsonAnswer(exchange, 'the policy was not read');
      if (isPolicy(body)) return body;
      throw invalid(exchange, 'lacks a member of a policy or has one of a wrong type');
    } catch (error) {
      if (error instanceof UmaError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Writes all entries of a resource; without any, the policy goes. */
  async function write(
    policyId: string,
    permissions: ForgerockPolicyPermission[],
    before: ForgerockPolicy | undefined,
  ): Promise<void> {
    const path = await at(FORGEROCK_JSON_PATHS.policies, one(policyId));
    if (permissions.length === 0) {
      if (before !== undefined) await call('DELETE', 'the policy was not deleted', path);
      return;
    }
    const headers: Record<string, string> = before === undefined ? { 'if-none-match': '*' } : { 'if-match': '*' };
    await call('PUT', 'the policy was not written', path, { body: { policyId, permissions }, headers });
  }

  const asPolicies = ({ policyId, name: named, permissions }: ForgerockPolicy): SeenPolicy[] =>
    permissions.map(({ subject, scopes }) => ({
      id: `${policyId}:${subject}`,
      resource_id: policyId,
      effect: 'allow',
      scopes,
      subject: { party: partyOf(subject) },
      ...(named === undefined ? {} : { name: named }),
    }));

  /** The entry of a policy id, and the policy around it. @throws UmaError `not_found` (refused). */
  async function entry(id: string): Promise<{ policy: ForgerockPolicy; subject: string }> {
    const colon = id.indexOf(':');
    const subject = id.slice(colon + 1);
    const policy = colon === -1 ? undefined : await policyOf(id.slice(0, colon));
    if (policy?.permissions.some((permission) => permission.subject === subject)) return { policy, subject };
    throw new UmaError('refused', 'not_found', `there is no policy ${id}`, { hint: 'uma policy list' });
  }

  /** What AM's form can hold of a policy. @throws UmaError `not_offered` (config). */
  async function entryOf(policy: PolicyDescription): Promise<ForgerockPolicyPermission> {
    const { effect, subject, scopes, claims, clients, expires_at } = policy;
    if (effect !== 'allow') throw notOffered('a policy that denies');
    if (!('party' in subject)) throw notOffered('a policy for anything but one person');
    if (subject.party.iss !== issuer) throw notOffered('a policy for somebody of another issuer');
    if (claims !== undefined) throw notOffered('a condition on claims');
    if (clients !== undefined || expires_at !== undefined)
      throw notOffered('a condition on clients or time (AM keeps those on the policies behind this API)');
    if (scopes !== undefined) return { subject: subject.party.sub, scopes };
    const resource = (await sets()).find(({ _id }) => _id === policy.resource_id);
    return { subject: subject.party.sub, scopes: resource?.scopes ?? [] };
  }

  async function put(policy: PolicyDescription, replaced?: string): Promise<SeenPolicy> {
    const { subject, scopes } = await entryOf(policy);
    const before = await policyOf(policy.resource_id);
    const others = (before?.permissions ?? []).filter((item) => item.subject !== replaced);
    const known = others.find((item) => item.subject === subject);
    const permission = { subject, scopes: known === undefined ? scopes : union(known.scopes, scopes) };
    const permissions = [...others.filter((item) => item !== known), permission];
    await write(policy.resource_id, permissions, before);
    return {
      id: `${policy.resource_id}:${subject}`,
      resource_id: policy.resource_id,
      effect: 'allow',
      scopes: permission.scopes,
      subject: { party: partyOf(subject) },
    };
  }

  return {
    policies: async ({ resource_id } = {}) =>
      (await allPolicies())
        .filter(({ policyId }) => resource_id === undefined || policyId === resource_id)
        .flatMap(asPolicies),
    async policy(id) {
      const { policy, subject } = await entry(id);
      return asPolicies(policy).find((item) => item.id === `${policy.policyId}:${subject}`)!;
    },
    createPolicy: (policy) => put(policy),
    async updatePolicy(id, policy) {
      const { policy: before, subject } = await entry(id);
      if (policy.resource_id !== before.policyId) throw notOffered('moving a policy to another resource');
      return put(policy, subject);
    },
    async deletePolicy(id) {
      const { policy, subject } = await entry(id);
      const left = policy.permissions.filter((item) => item.subject !== subject);
      await write(policy.policyId, left, policy);
    },
    async revoke({ resource_id, party, token }: Revocation) {
      if (token !== undefined) throw notOffered('revoking one RPT (its client can, RFC 7009)');
      const before = resource_id === undefined ? undefined : await policyOf(resource_id);
      if (before === undefined) return { policies: 0, rpts: 0, requests: 0 };
      const left = party === undefined ? [] : before.permissions.filter(({ subject }) => subject !== party.sub);
      const policies = before.permissions.length - left.length;
      if (policies > 0) await write(before.policyId, left, before);
      return { policies, rpts: 0, requests: 0 };
    },
  };
}

const isPolicy = (value: unknown): value is ForgerockPolicy =>
  isObject(value) &&
  typeof value.policyId === 'string' &&
  Array.isArray(value.permissions) &&
  value.permissions.every((item) => isObject(item) && typeof item.subject === 'string' && isStringArray(item.scopes));
