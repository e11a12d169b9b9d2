import assert from 'node:assert/strict';
import { it } from 'node:test';
import { threadsFor } from '../../src/adapters/server-process.ts';

it('one core has two threads beside JavaScript too, so that a slow name server holds up no password; many cores have four', () => {
  assert.deepEqual([1, 2, 3, 4, 64].map(threadsFor), [2, 2, 3, 4, 4]);
});
