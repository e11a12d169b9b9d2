/** The verdict over two plays of the sequence. */
import assert from 'node:assert/strict';
import { LISTED, listedFor } from './differences.ts';
import { differences, type Exchange } from './wire.ts';

/** Fails on every difference without a reason, and on every reason without a difference. */
export function compare(theirs: readonly Exchange[], ours: readonly Exchange[]): void {
  assert.deepEqual(
    ours.map(({ name }) => name),
    theirs.map(({ name }) => name),
  );
  assert.ok(theirs.length >= 80, `${theirs.length} exchanges`);
  const used = new Set<unknown>();
  const unexplained: string[] = [];
  for (const [index, { name, trait }] of theirs.entries()) {
    for (const difference of differences(trait, ours[index]!.trait)) {
      const listed = listedFor(name, difference);
      if (listed === undefined) unexplained.push(`${name}: ${difference}`);
      else used.add(listed);
    }
  }
  assert.deepEqual(unexplained, []);
  assert.deepEqual(
    LISTED.filter((entry) => !used.has(entry)).map(({ reason }) => reason),
    [],
    'reasons that explain nothing any more',
  );
}
