import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, newSecret } from '../../../src/server/authorization/secrets.ts';

test('ids are 128 bits, never the same, and never look like a flag (ATK-15)', () => {
  const ids = Array.from({ length: 5000 }, newId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
});

test('secrets are 256 bits and never the same (GRANT-5.4-01)', () => {
  const secrets = Array.from({ length: 1000 }, newSecret);
  assert.equal(new Set(secrets).size, secrets.length);
  for (const secret of secrets) assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
});
