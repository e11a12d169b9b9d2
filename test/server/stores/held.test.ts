// Records packed into bytes behave as records in a map: any sequence of operations against both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { held } from '../../../src/server/stores/memory/held.ts';

interface Item {
  key: string;
  expires_at: number;
  own: string;
  group: string;
  data: unknown;
}

/** Names as a store has them (bytes as base64url), and others. */
const text = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ minLength: 22, maxLength: 22 }),
  fc.constantFrom('', 'é'.repeat(70), 'x'.repeat(126), 'x'.repeat(127), 'x'.repeat(5000), `${'A'.repeat(42)}B`),
);
// Few, so that operations meet.
const key = fc.nat({ max: 30 });
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      key,
      end: fc.nat({ max: 20 }),
      own: text,
      group: fc.nat({ max: 3 }),
      data: fc.jsonValue({ maxDepth: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('large' as const), key, end: fc.nat({ max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rewrite' as const), key, data: fc.jsonValue({ maxDepth: 1 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('use' as const, 'delete' as const, 'get' as const), key }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('empty' as const), group: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('after' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), time: fc.nat({ max: 20 }) }) },
);

for (const recent of [0, 3]) {
  test(`packed records are those of a map, whatever is done to them, with ${recent} kept as read`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 31, maxLength: 31 }),
        fc.array(operation, { maxLength: 150 }),
        async (names, operations) => {
          const keys = names.map((name, index) => `${name}${index}`);
          const packed = held<Item, 'group'>({ own: ['own'], by: { group: ({ group }) => group }, recent });
          /** In the order in which they were added. */
          const model = new Map<string, { record: Item; used: boolean }>();
          const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
          const groupOf = (group: string) =>
            [...model.values()].filter(({ record }) => record.group === group).reverse();
          for (const each of operations) {
            const name = 'key' in each ? keys[each.key]! : '';
            const known = model.get(name);
            switch (each.kind) {
              case 'large':
              case 'add': {
                const more = each.kind === 'add' ? each : { own: 'y'.repeat(70_000), group: 0, data: 'z'.repeat(9) };
                const record = {
                  key: name,
                  expires_at: each.end,
                  own: more.own,
                  group: `g${more.group}`,
                  data: more.data,
                };
                if (known !== undefined) assert.throws(() => packed.add(record), /is there/);
                else {
                  packed.add(record);
                  model.set(name, { record: plain(record), used: false });
                }
                break;
              }
              case 'rewrite':
                if (known === undefined) break;
                known.record = plain({ ...known.record, data: each.data });
                packed.rewrite(known.record);
                break;
              case 'use':
                if (known === undefined) break;
                known.used = true;
                packed.use(name);
                break;
              case 'delete':
                assert.equal(packed.delete(name), model.delete(name));
                break;
              case 'get':
                assert.deepEqual(plain(packed.get(name) ?? null), plain(known ?? null));
                break;
              case 'empty':
                for (const { record } of packed.with('group', `g${each.group}`)) packed.delete(record.key);
                for (const { record } of groupOf(`g${each.group}`)) model.delete(record.key);
                break;
              case 'after':
                if (known === undefined) break;
                {
                  const rest = groupOf(known.record.group);
                  const expected = rest.slice(rest.indexOf(known) + 1);
                  assert.deepEqual(plain([...packed.with('group', known.record.group, name)]), plain(expected));
                }
                break;
              case 'sweep': {
                const ended = [...model.values()].filter(({ record }) => record.expires_at <= each.time);
                for (const { record } of ended) model.delete(record.key);
                assert.equal(await packed.sweep(each.time), ended.length);
              }
            }
            assert.equal(packed.size, model.size);
          }
          for (const group of ['g0', 'g1', 'g2', 'g3'])
            assert.deepEqual(plain([...packed.with('group', group)]), plain(groupOf(group)));
          const byKey = (a: { record: Item }, b: { record: Item }) => (a.record.key < b.record.key ? -1 : 1);
          assert.deepEqual(plain([...packed.all()].sort(byKey)), plain([...model.values()].sort(byKey)));
          for (const name of keys) assert.deepEqual(plain(packed.get(name) ?? null), plain(model.get(name) ?? null));
        },
      ),
      { numRuns: 300 },
    );
  });
}
