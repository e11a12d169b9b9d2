import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakOf } from '../../gateway/memory.ts';

test('1 GiB goes through the gateway, down and up, with less than 100 MiB of memory', async () => {
  const peak = await peakOf(1024);
  assert.ok(peak < 100, `the gateway took ${peak} MiB`);
});
