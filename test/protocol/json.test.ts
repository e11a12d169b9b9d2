import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseUniqueJson } from '../../src/protocol/json.ts';

describe('FED-3.2-10: a member that appears twice is refused at any depth', () => {
  for (const [name, text, member] of [
    ['at the top', '{"a":1,"a":1}', 'a'],
    ['apart from each other', '{"a":1,"b":{"a":2},"c":[],"a":3}', 'a'],
    ['in a member', '{"a":{"b":{"c":1,"d":2,"c":3}}}', 'c'],
    ['in an array', '[1,[{"x":1},{"x":1,"x":2}]]', 'x'],
    ['after a nested object of the same names', '{"a":{"a":1},"b":1,"a":2}', 'a'],
    [
      'written once plainly and once escaped',
      String.raw`{"resource_scopes":[],"\u0072esource_scopes":["x"]}`,
      'resource_scopes',
    ],
    ['with a quote in the name', String.raw`{"a\"b":1,"a\u0022b":2}`, 'a"b'],
    ['with a backslash at the end of the name', String.raw`{"a\\":1,"a\\":2}`, 'a\\'],
    ['with blanks before the colon', '{"a" \n\t\r:1,"a"  :2}', 'a'],
    ['the empty name', '{"":1,"":2}', ''],
    ['names of Object.prototype', '{"__proto__":1,"__proto__":2}', '__proto__'],
  ] as const) {
    it(name, () => {
      assert.throws(() => parseUniqueJson(text), {
        name: 'SyntaxError',
        message: `the member "${member}" appears more than once`,
      });
    });
  }
});

describe('parseUniqueJson takes what only looks like a repeat', () => {
  for (const text of [
    '{"a":{"x":1},"b":{"x":1}}',
    '[{"x":1},{"x":1}]',
    '{"a":"a","b":"a"}',
    '["a","a"]',
    String.raw`{"a":"{\"a\":1,\"a\":2}","b":"}]{["}`,
    String.raw`{"a":"\\","b":"\\\"a\":"}`,
    '{"A":1,"a":2}',
    '{"a":"x:","c":":"}',
    '"a"',
    'null',
    ' [ ] ',
  ]) {
    it(text, () => assert.deepEqual(parseUniqueJson(text), JSON.parse(text)));
  }
});

for (const text of ['', '{', '{"a":1,}', "{'a':1}", '{"a":1}x', '{"a":1 "a":1}', 'undefined', '\ufeff{}']) {
  it(`malformed text is a SyntaxError as with JSON.parse: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseUniqueJson(text), SyntaxError);
  });
}

it('equals JSON.parse for every value without repeats, however it is laid out', () => {
  const value = fc.jsonValue({ noUnicodeString: false });
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t', '\r\n '), (json, indent) => {
      const text = JSON.stringify(json, null, indent);
      assert.deepEqual(parseUniqueJson(text), JSON.parse(text));
    }),
  );
});

it('refuses every object to which one of its own members is added again', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 5 });
  fc.assert(
    fc.property(object, fc.nat(), fc.jsonValue(), (members, which, value) => {
      const names = Object.keys(members);
      const name = JSON.stringify(names[which % names.length]);
      const text = `${JSON.stringify(members).slice(0, -1)},${name}:${JSON.stringify(value)}}`;
      assert.throws(() => parseUniqueJson(text), /more than once/);
      assert.throws(() => parseUniqueJson(`{"deep":[${text}]}`), /more than once/);
    }),
  );
});

it('a long string without an end is no work (the text is checked first)', () => {
  assert.throws(() => parseUniqueJson(`{"a":"${'x'.repeat(1_000_000)}`), SyntaxError);
});
