import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PolicySubject } from '../../../src/protocol/owner.ts';
import { requestedScopesOf } from '../../../src/protocol/scopes.ts';
import { type Assessment, type AssessmentInput, assess } from '../../../src/server/authorization/assess.ts';
import type { PolicyRecord } from '../../../src/server/stores/types.ts';

const ISSUER = 'https://as.example';
const NOW = 1000;
const party = (sub: string) => ({ iss: ISSUER, sub });
const scope = fc.constantFrom('view', 'download', 'edit');
const scopes = fc.uniqueArray(scope, { maxLength: 3 });
const resourceId = fc.constantFrom('r1', 'r2');
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const claimValue = fc.constantFrom('NZ', 'FR');

const subject: fc.Arbitrary<PolicySubject> = fc.oneof(
  fc.constantFrom('bob', 'carol').map((sub): PolicySubject => ({ party: party(sub) })),
  fc.constantFrom('family', 'staff').map((group): PolicySubject => ({ group })),
  fc.constant<PolicySubject>({ email: 'bob@example.com' }),
  fc.constant<PolicySubject>({ anyone: true }),
);

const policy = (effect: fc.Arbitrary<'allow' | 'deny'>): fc.Arbitrary<PolicyRecord> =>
  fc
    .record({
      id: fc.uuid(),
      resource_id: resourceId,
      effect,
      subject,
      scopes: optional(scopes),
      clients: optional(fc.constantFrom<string[][]>(['c1'], ['c2'])),
      claims: optional(claimValue.map((value) => [{ name: 'country', values: [value] }])),
      expires_at: optional(fc.constantFrom(NOW - 1, NOW + 10)),
    })
    .map(
      ({ scopes, clients, claims, expires_at, ...rest }): PolicyRecord => ({
        owner: 'alice',
        created_at: 0,
        updated_at: 0,
        ...rest,
        ...(scopes === undefined ? {} : { scopes }),
        ...(clients === undefined ? {} : { clients }),
        ...(claims === undefined ? {} : { claims }),
        ...(expires_at === undefined ? {} : { expires_at }),
      }),
    );

const anyPolicy = policy(fc.constantFrom('allow' as const, 'deny' as const));

const input: fc.Arbitrary<AssessmentInput> = fc.record({
  resources: fc.uniqueArray(fc.record({ id: resourceId, ticket: scopes, available: scopes }), {
    minLength: 1,
    maxLength: 2,
    selector: ({ id }) => id,
  }),
  owner: fc.constant(party('alice')),
  registered: optional(scopes),
  requested: scopes,
  client_id: fc.constantFrom('c1', 'c2'),
  party: optional(fc.constantFrom('alice', 'bob', 'carol').map(party)),
  claims: fc.subarray([
    { name: 'groups', value: ['family'], issuer: ISSUER },
    { name: 'email', value: 'bob@example.com', issuer: ISSUER },
    { name: 'email_verified', value: true, issuer: ISSUER },
    { name: 'country', value: 'NZ', issuer: ISSUER },
  ]),
  policies: fc.array(anyPolicy, { maxLength: 5 }),
  denials: fc.constant([]),
  settings: fc.record({
    ask_owner: fc.boolean(),
    owner_always_allowed: fc.boolean(),
    partial: fc.constantFrom('first' as const, 'last' as const, 'never' as const),
    denial_ttl: fc.constant(60),
  }),
  now: fc.constant(NOW),
});

/** What is granted, as `resource scope` words; the bare resource counts as a word of its own. */
function grantedWords(assessment: Assessment): Set<string> {
  if (assessment.kind !== 'granted') return new Set();
  return new Set(
    assessment.permissions.flatMap(({ resource_id, resource_scopes }) => [
      resource_id,
      ...resource_scopes.map((name) => `${resource_id} ${name}`),
    ]),
  );
}

/** With parts granted first, the answer shows the candidate sets themselves. */
const showCandidates = (value: AssessmentInput): AssessmentInput => ({
  ...value,
  settings: { ...value.settings, partial: 'first' },
});

const runs = { numRuns: 500 };

describe('assessment: properties', () => {
  it('GRANT-3.3.4-07: never a scope outside RequestedScopes(resource)', () => {
    fc.assert(
      fc.property(input, (value) => {
        const assessment = assess(value);
        if (assessment.kind !== 'granted') return;
        for (const { resource_id, resource_scopes } of assessment.permissions) {
          const { ticket, available } = value.resources.find(({ id }) => id === resource_id)!;
          const wanted = requestedScopesOf({
            ticket,
            available,
            registered: value.registered,
            requested: value.requested,
          });
          assert.ok(resource_scopes.every((name) => wanted.includes(name)));
        }
      }),
      runs,
    );
  });

  it('GRANT-3.3.4-05: a grant is whole or says that it is partial, and a whole one is never empty', () => {
    fc.assert(
      fc.property(input, (value) => {
        const assessment = assess(value);
        if (assessment.kind !== 'granted' || assessment.partial) return;
        assert.equal(assessment.permissions.length, value.resources.length);
      }),
      runs,
    );
  });

  it('one more allow never takes anything away', () => {
    fc.assert(
      fc.property(input, policy(fc.constant('allow')), (value, added) => {
        const before = grantedWords(assess(showCandidates(value)));
        const after = grantedWords(assess(showCandidates({ ...value, policies: [...value.policies, added] })));
        assert.ok(before.isSubsetOf(after));
      }),
      runs,
    );
  });

  it('one more deny never gives anything', () => {
    fc.assert(
      fc.property(input, policy(fc.constant('deny')), (value, added) => {
        const before = grantedWords(assess(showCandidates(value)));
        const after = grantedWords(assess(showCandidates({ ...value, policies: [...value.policies, added] })));
        assert.ok(after.isSubsetOf(before));
      }),
      runs,
    );
  });

  it('the order of policies does not matter', () => {
    const canonical = (assessment: Assessment) =>
      assessment.kind === 'need_info'
        ? { ...assessment, wanted: assessment.wanted.map((item) => JSON.stringify(item)).sort() }
        : assessment;
    fc.assert(
      fc.property(input, (value) => {
        const reversed = { ...value, policies: value.policies.toReversed() };
        assert.deepEqual(canonical(assess(reversed)), canonical(assess(value)));
      }),
      runs,
    );
  });

  it('an explicit deny of everything for anyone wins, whatever else there is', () => {
    fc.assert(
      fc.property(input, (value) => {
        const denies = value.resources.map(
          ({ id }): PolicyRecord => ({
            id: `deny-${id}`,
            owner: 'alice',
            resource_id: id,
            effect: 'deny',
            subject: { anyone: true },
            created_at: 0,
            updated_at: 0,
          }),
        );
        const assessment = assess({ ...value, policies: [...value.policies, ...denies] });
        assert.ok(assessment.kind === 'request_denied' || assessment.kind === 'invalid_scope');
      }),
      runs,
    );
  });
});
