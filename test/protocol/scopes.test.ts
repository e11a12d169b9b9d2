import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  difference,
  includesAll,
  intersection,
  parseScope,
  requestedScopesOf,
  union,
} from '../../src/protocol/scopes.ts';

const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor'));
const same = (actual: string[], expected: Set<string>) => {
  assert.equal(new Set(actual).size, actual.length, 'no repeats');
  assert.deepEqual(new Set(actual), expected);
};

describe('set math', () => {
  it('union, intersection and difference are those of sets', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        same(union(a, b), new Set(a).union(new Set(b)));
        same(intersection(a, b), new Set(a).intersection(new Set(b)));
        same(difference(a, b), new Set(a).difference(new Set(b)));
        assert.equal(includesAll(a, b), new Set(b).isSubsetOf(new Set(a)));
      }),
    );
  });
  it('the order is that of first sight', () => {
    assert.deepEqual(union(['b', 'a', 'b'], ['c', 'a']), ['b', 'a', 'c']);
    assert.deepEqual(intersection(['c', 'b', 'a'], ['a', 'c']), ['c', 'a']);
  });
});

describe('parseScope', () => {
  for (const [text, expected] of [
    [undefined, []],
    ['', []],
    ['view', ['view']],
    ['view  edit view ', ['view', 'edit']],
    ['http://x/y a', ['http://x/y', 'a']],
  ] as const)
    it(JSON.stringify(text) ?? 'absent', () => assert.deepEqual(parseScope(text), expected));
});

describe('requestedScopesOf', () => {
  const sets = fc.record({
    ticket: list,
    available: list,
    registered: fc.option(list, { nil: undefined }),
    requested: list,
  });

  it('GRANT-3.3.4-03: ticket scopes and those both registered and requested', () => {
    const available = ['view', 'download', 'print'];
    assert.deepEqual(
      requestedScopesOf({ ticket: ['view'], available, registered: ['download'], requested: ['download', 'print'] }),
      ['view', 'download'],
    );
    assert.deepEqual(requestedScopesOf({ ticket: ['view'], available, registered: undefined, requested: ['print'] }), [
      'view',
      'print',
    ]);
    assert.deepEqual(
      requestedScopesOf({ ticket: ['view'], available, registered: [], requested: ['print'] }),
      ['view'],
      'a client registered for no scope gains none; the scopes of the ticket need no registration',
    );
  });
  it('GRANT-3.3.4-03 as the formula says, for any sets', () => {
    fc.assert(
      fc.property(sets, ({ ticket, available, registered, requested }) => {
        const asked = new Set(requested).intersection(new Set(registered ?? requested));
        same(
          requestedScopesOf({ ticket, available, registered, requested }),
          new Set(ticket).union(asked).intersection(new Set(available)),
        );
      }),
    );
  });
  it('GRANT-3.3.4-04: an asked scope counts only where the resource offers it', () => {
    const asked = { ticket: ['view'], registered: undefined, requested: ['download'] };
    assert.deepEqual(requestedScopesOf({ ...asked, available: ['view', 'download'] }), ['view', 'download']);
    assert.deepEqual(requestedScopesOf({ ...asked, available: ['view'] }), ['view']);
  });
  it('asking for more never gives less, and nothing that is not available', () => {
    fc.assert(
      fc.property(sets, list, (input, more) => {
        const before = requestedScopesOf(input);
        const after = requestedScopesOf({ ...input, requested: [...input.requested, ...more] });
        assert.ok(includesAll(after, before));
        assert.ok(includesAll(input.available, after));
      }),
    );
  });
});
