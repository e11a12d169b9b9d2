import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Party, PolicyDescription } from '../../../src/protocol/owner.ts';
import { type Assessment, type AssessmentInput, assess } from '../../../src/server/authorization/assess.ts';
import type { BelievedClaim, PolicyRecord, RequestRecord } from '../../../src/server/stores/types.ts';

const ISSUER = 'https://as.example';
const OTHER = 'https://idp.example';
const alice: Party = { iss: ISSUER, sub: 'alice' };
const bob: Party = { iss: ISSUER, sub: 'bob' };
const NOW = 1_700_000_000;

let counter = 0;
function policy(part: Partial<PolicyDescription>): PolicyRecord {
  counter += 1;
  const description: PolicyDescription = { resource_id: 'photo', effect: 'allow', subject: { party: bob }, ...part };
  return { id: `p${counter}`, owner: 'alice', created_at: 0, updated_at: 0, ...description };
}

function input(part: Partial<AssessmentInput>): AssessmentInput {
  return {
    resources: [{ id: 'photo', ticket: ['view'], available: ['view', 'download'] }],
    owner: alice,
    registered: undefined,
    requested: [],
    client_id: 'UmaClient',
    party: bob,
    claims: [],
    policies: [],
    denials: [],
    now: NOW,
    ...part,
    settings: { ask_owner: true, owner_always_allowed: true, partial: 'last', denial_ttl: 3600, ...part.settings },
  };
}

const settings = (part: Partial<AssessmentInput['settings']>): AssessmentInput['settings'] => ({
  ask_owner: true,
  owner_always_allowed: true,
  partial: 'last',
  denial_ttl: 3600,
  ...part,
});

const claim = (name: string, value: unknown, issuer = ISSUER): BelievedClaim => ({ name, value, issuer });

function denial(scopes: string[], decided_at = NOW - 10): RequestRecord {
  return {
    id: 'r1',
    owner: 'alice',
    status: 'denied',
    resource_id: 'photo',
    scopes,
    party: bob,
    client_id: 'c',
    created_at: 0,
    decided_at,
  };
}

const granted = (resource_scopes: string[], extra: object = {}): Assessment => ({
  kind: 'granted',
  permissions: [{ resource_id: 'photo', resource_scopes, ...extra }],
  partial: false,
});

const viewForBob = policy({ scopes: ['view'] });
const askAlice = (...scopes: string[]): Assessment => ({
  kind: 'request_submitted',
  asks: [{ resource_id: 'photo', scopes }],
});
const wantsIdentity: Assessment = { kind: 'need_info', wanted: ['identity'] };

const cases: [string, Partial<AssessmentInput>, Assessment][] = [
  ['GRANT-3.3.4-06 everything allowed', { policies: [viewForBob] }, granted(['view'])],
  [
    'GRANT-3.3.4-03 ticket scopes and asked scopes together',
    { requested: ['download'], policies: [policy({})] },
    granted(['view', 'download']),
  ],
  [
    'GRANT-3.3.1-11 an asked scope that is not registered for the client does not count',
    { requested: ['download'], registered: ['view'], policies: [policy({})] },
    granted(['view']),
  ],
  [
    'GRANT-3.3.6-03 an asked scope that no resource offers',
    { requested: ['fly'], policies: [policy({})] },
    { kind: 'invalid_scope', scopes: ['fly'] },
  ],
  ['GRANT-5.6-01 no policy, owner not asked', { settings: settings({ ask_owner: false }) }, { kind: 'request_denied' }],
  ['GRANT-3.3.6-15 no policy, owner can be asked', {}, askAlice('view')],
  ['GRANT-3.3.6-05 nobody identified', { party: undefined, policies: [viewForBob] }, wantsIdentity],
  ['nobody identified and no policy', { party: undefined }, wantsIdentity],
  [
    'nobody identified and nothing that a name could change',
    { party: undefined, settings: settings({ ask_owner: false, owner_always_allowed: false }) },
    { kind: 'request_denied' },
  ],
  [
    'anyone may, even unidentified',
    { party: undefined, policies: [policy({ subject: { anyone: true } })] },
    granted(['view']),
  ],
  ['the owner herself', { party: alice }, granted(['view'])],
  [
    'the owner herself, switched off',
    { party: alice, settings: settings({ owner_always_allowed: false }) },
    askAlice('view'),
  ],
  [
    'same subject at another issuer is somebody else',
    { party: { iss: OTHER, sub: 'bob' }, policies: [viewForBob], settings: settings({ ask_owner: false }) },
    { kind: 'request_denied' },
  ],
  [
    'an explicit deny wins over an allow',
    { policies: [viewForBob, policy({ effect: 'deny' })] },
    { kind: 'request_denied' },
  ],
  [
    'an explicit deny wins over asking the owner',
    { policies: [policy({ effect: 'deny' })] },
    { kind: 'request_denied' },
  ],
  [
    'a deny for one scope leaves the other',
    { policies: [viewForBob, policy({ effect: 'deny', scopes: ['download'] })] },
    granted(['view']),
  ],
  ['GRANT-6.1-01 an expired policy is none', { policies: [policy({ expires_at: NOW })] }, askAlice('view')],
  [
    'a policy end becomes the permission end',
    { policies: [policy({ expires_at: NOW + 60 })] },
    granted(['view'], { exp: NOW + 60 }),
  ],
  [
    'of two policies the later end counts',
    { policies: [policy({ expires_at: NOW + 60 }), policy({ expires_at: NOW + 90 })] },
    granted(['view'], { exp: NOW + 90 }),
  ],
  ['a policy for another client is none', { policies: [policy({ clients: ['other'] })] }, askAlice('view')],
  ['a policy for this client counts', { policies: [policy({ clients: ['UmaClient'] })] }, granted(['view'])],
  [
    'verified e-mail',
    {
      claims: [claim('email', 'Bob@example.com'), claim('email_verified', true)],
      policies: [policy({ subject: { email: 'bob@example.com' } })],
    },
    granted(['view']),
  ],
  [
    'an e-mail address that nobody verified is not enough',
    { claims: [claim('email', 'bob@example.com')], policies: [policy({ subject: { email: 'bob@example.com' } })] },
    { kind: 'need_info', wanted: [{ name: 'email', friendly_name: 'verified e-mail address' }] },
  ],
  [
    'verified by another issuer than the one that names it',
    {
      claims: [claim('email', 'bob@example.com'), claim('email_verified', true, OTHER)],
      policies: [policy({ subject: { email: 'bob@example.com' } })],
    },
    { kind: 'need_info', wanted: [{ name: 'email', friendly_name: 'verified e-mail address' }] },
  ],
  [
    'group member',
    { claims: [claim('groups', ['staff', 'family'])], policies: [policy({ subject: { group: 'family' } })] },
    granted(['view']),
  ],
  [
    'not a group member',
    { claims: [claim('groups', ['staff'])], policies: [policy({ subject: { group: 'family' } })] },
    askAlice('view'),
  ],
  [
    'a claim that is missing',
    { policies: [policy({ claims: [{ name: 'country', values: ['NZ'] }] })] },
    { kind: 'need_info', wanted: [{ name: 'country' }] },
  ],
  [
    'a claim that fits',
    { claims: [claim('country', 'NZ')], policies: [policy({ claims: [{ name: 'country', values: ['NZ'] }] })] },
    granted(['view']),
  ],
  [
    'a claim that does not fit',
    {
      claims: [claim('country', 'FR')],
      policies: [policy({ claims: [{ name: 'country', values: ['NZ'] }] })],
      settings: settings({ ask_owner: false }),
    },
    { kind: 'request_denied' },
  ],
  [
    'a claim of an issuer that the policy does not name',
    {
      claims: [claim('country', 'NZ', OTHER)],
      policies: [policy({ claims: [{ name: 'country', issuer: [ISSUER] }] })],
    },
    { kind: 'need_info', wanted: [{ name: 'country', issuer: [ISSUER] }] },
  ],
  [
    'a deny that more claims could bring into force is settled first',
    { policies: [viewForBob, policy({ effect: 'deny', claims: [{ name: 'country', values: ['FR'] }] })] },
    { kind: 'need_info', wanted: [{ name: 'country' }] },
  ],
  ['GRANT-3.3.6-19 the owner said no', { denials: [denial(['view'])] }, { kind: 'request_denied' }],
  ['a no about another scope', { denials: [denial(['download'])] }, askAlice('view')],
  ['an old no', { denials: [denial(['view'], NOW - 7200)] }, askAlice('view')],
  ['a policy wins over an earlier no', { denials: [denial(['view'])], policies: [viewForBob] }, granted(['view'])],
  [
    'Q17 the owner is asked before a part is granted',
    { requested: ['download'], policies: [viewForBob] },
    askAlice('download'),
  ],
  [
    'GRANT-3.3.4-07 a part at once, where switched so',
    { requested: ['download'], policies: [viewForBob], settings: settings({ partial: 'first' }) },
    { kind: 'granted', permissions: [{ resource_id: 'photo', resource_scopes: ['view'] }], partial: true },
  ],
  [
    'GRANT-3.3.4-07 a part where the rest is refused',
    { requested: ['download'], policies: [viewForBob, policy({ effect: 'deny', scopes: ['download'] })] },
    { kind: 'granted', permissions: [{ resource_id: 'photo', resource_scopes: ['view'] }], partial: true },
  ],
  [
    'no part, where switched so',
    {
      requested: ['download'],
      policies: [viewForBob, policy({ effect: 'deny', scopes: ['download'] })],
      settings: settings({ partial: 'never' }),
    },
    { kind: 'request_denied' },
  ],
  [
    'Q9 zero scopes need a policy about the resource itself',
    { resources: [{ id: 'photo', ticket: [], available: ['view'] }], policies: [viewForBob] },
    askAlice(),
  ],
  [
    'Q9 zero scopes, the resource allowed',
    { resources: [{ id: 'photo', ticket: [], available: ['view'] }], policies: [policy({})] },
    granted([]),
  ],
  [
    'Q10 a ticket scope that the resource has lost is left out',
    { resources: [{ id: 'photo', ticket: ['view', 'gone'], available: ['view'] }], policies: [policy({})] },
    granted(['view']),
  ],
];

describe('assessment (UMA Grant 3.3.4): the table of cases', () => {
  for (const [name, part, expected] of cases) {
    it(name, () => assert.deepEqual(assess(input(part)), expected));
  }
});

describe('assessment: the example of the text', () => {
  const resources = [
    { id: 'album', ticket: ['edit'], available: ['edit', 'download'] },
    { id: 'photo1', ticket: ['view'], available: ['view', 'download'] },
    { id: 'photo2', ticket: ['view'], available: ['view', 'download'] },
  ];
  const policies = [policy({ resource_id: 'photo1', scopes: ['view'] })];
  const part = { resources, policies, registered: ['download'], requested: ['download'] };

  it('GRANT-3.3.4-01 -05: a partial RPT holds photo1 view and nothing wider', () => {
    const settings = { ask_owner: false, owner_always_allowed: true, partial: 'last' as const, denial_ttl: 0 };
    assert.deepEqual(assess(input({ ...part, settings })), {
      kind: 'granted',
      permissions: [{ resource_id: 'photo1', resource_scopes: ['view'] }],
      partial: true,
    });
  });

  it('GRANT-3.3.4-04: the owner is asked for each scope only where the resource offers it', () => {
    assert.deepEqual(assess(input(part)), {
      kind: 'request_submitted',
      asks: [
        { resource_id: 'album', scopes: ['edit', 'download'] },
        { resource_id: 'photo1', scopes: ['download'] },
        { resource_id: 'photo2', scopes: ['view', 'download'] },
      ],
    });
  });
});
