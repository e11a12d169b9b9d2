import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  buildApproval,
  buildFindPerson,
  buildListRequests,
  buildReadPolicy,
  readAccessRequest,
  readHistoryList,
  readOwnedList,
  readOwnerDeletion,
  readPerson,
  readPolicyList,
  readRequestList,
  readRevocationAnswer,
} from '../../src/protocol/owner-api.ts';
import { answer, thrown } from './exchange.ts';

const party = { iss: 'https://as.example', sub: 'bob' };
const request = {
  id: 'q1',
  status: 'pending',
  resource_id: 'r1',
  scopes: ['view'],
  party,
  client_id: 'app',
  created_at: 1,
};

describe('requests of the owner API', () => {
  it('stand below the base, query members only when given, ids in one segment', () => {
    const list = buildListRequests('https://as.example/owner/', 'tok', {
      status: 'pending',
      after: 'a b',
      limit: undefined,
    });
    assert.deepEqual([list.method, list.url], ['GET', 'https://as.example/owner/requests?status=pending&after=a+b']);
    assert.equal(list.headers.authorization, 'Bearer tok');
    assert.equal(
      buildReadPolicy('https://as.example/owner', 'tok', '../x').url,
      'https://as.example/owner/policies/..%2Fx',
    );
    assert.equal(
      buildFindPerson('https://as.example/owner', 'tok', 'b&b').url,
      'https://as.example/owner/people?username=b%26b',
    );
  });
  it('an approval without a choice is an empty object', () => {
    const approval = buildApproval('https://as.example/owner', 'tok', 'q1');
    assert.deepEqual(
      [approval.method, approval.url, approval.body],
      ['POST', 'https://as.example/owner/requests/q1/approve', '{}'],
    );
  });
});

describe('answers of the owner API', () => {
  it('a page has its items and where the next one starts', () => {
    assert.deepEqual(readRequestList(answer(200, { requests: [request], next: 'n' })), { items: [request], next: 'n' });
    assert.deepEqual(readPolicyList(answer(200, { policies: [] })), { items: [] });
  });
  it('an item that lacks a member is named by its place', () => {
    for (const [read, member, bad] of [
      [readRequestList, 'requests', { ...request, party: { sub: 'bob' } }],
      [readRequestList, 'requests', { ...request, scopes: 'view' }],
      [readPolicyList, 'policies', { id: 'p', resource_id: 'r', effect: 'allow' }],
      [readOwnedList, 'resources', { _id: 'r' }],
      [readHistoryList, 'history', { type: 'rpt_issued', at: '1' }],
    ] as const) {
      const error = thrown(() => read(answer(200, { [member]: [bad] })), 'invalid_owner_answer');
      assert.ok(error.message.includes(`"${member}[0]"`), error.message);
    }
    thrown(() => readRequestList(answer(200, { requests: {} })), 'invalid_owner_answer');
  });
  it('one thing is checked too', () => {
    assert.deepEqual(readAccessRequest(answer(200, request)), request);
    thrown(() => readAccessRequest(answer(200, {})), 'invalid_owner_answer');
    thrown(() => readPerson(answer(200, { sub: 'bob' })), 'invalid_owner_answer');
    thrown(() => readRevocationAnswer(answer(200, { policies: 1, rpts: 1 })), 'invalid_owner_answer');
  });
  it('a refusal keeps its code', () => {
    for (const read of [readAccessRequest, readRequestList, readOwnerDeletion])
      assert.equal(
        thrown(() => read(answer(403, { error: 'insufficient_scope' })), 'insufficient_scope').category,
        'refused',
      );
    assert.equal(readOwnerDeletion(answer(204, '')), undefined);
  });
});
