import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { KEY_LEAD, rotateKeys } from '../../../src/server/oauth/keys.ts';
import { openStores } from '../../../src/server/stores/open.ts';
import { temporaryDirectory, uma } from '../../cli/uma.ts';
import { type Harness, start } from './harness.ts';

const now = () => Math.floor(Date.now() / 1000);
const kidsOf = async (as: Harness) => ((await as.send('/jwks')).body.keys as { kid: string }[]).map(({ kid }) => kid);

/** Both look for keys on a timer of their own, so there is nothing to await but what they publish. */
async function publishes(as: Harness, wanted: (kids: string[]) => boolean): Promise<string[]> {
  for (;;) {
    const kids = await kidsOf(as);
    if (wanted(kids)) return kids;
    await pause(5);
  }
}

test('a key that was added is published by every instance, signs after its lead, and what older ones signed stays good', async () => {
  const dataDir = temporaryDirectory();
  await using a = await start({ dataDir, keysEvery: 10 });
  await using b = await start({ dataDir, keysEvery: 10 });
  const [first] = await kidsOf(a);
  const stores = await openStores({ dataDir });
  const signer = async (as: Harness) => decodeProtectedHeader(await as.claimToken()).kid;

  const early = await rotateKeys(stores.keys, now());
  const kid = early.added[0]?.kid ?? '';
  for (const as of [a, b]) {
    assert.deepEqual((await publishes(as, (kids) => kids.length === 2)).toSorted(), [first, kid].toSorted());
    assert.equal(await signer(as), first, 'not before all have published it');
  }
  const claims = await a.claimToken();
  const due = (await rotateKeys(stores.keys, now() - KEY_LEAD)).added[0]?.kid ?? '';
  for (const as of [a, b]) {
    assert.equal((await publishes(as, (kids) => kids.includes(due))).length, 3);
    assert.equal(await signer(as), due);
  }
  const pat = await a.pat();
  const id = await a.register(pat);
  await a.allow(id);
  const answer = await a.redeem(await a.ticket(pat, id), claims);
  assert.equal(answer.status, 200, answer.text);

  const last = await rotateKeys(stores.keys, now(), { dropOld: true });
  await stores.close();
  for (const as of [a, b]) {
    const only = await publishes(as, (kids) => kids.length === 1);
    assert.deepEqual(only, [last.added[0]?.kid]);
  }
  const refused = await a.redeem(await a.ticket(pat, id), claims);
  assert.equal(refused.status, 403, 'a claim token of a dropped key proves nothing');
});

test('uma serve keys rotate: --data, what it prints; refused without a store and for another word', async () => {
  const dataDir = temporaryDirectory();
  await using as = await start({ dataDir, keysEvery: 10 });
  const { code, stdout } = await uma(['serve', 'keys', 'rotate', '--data', dataDir]);
  assert.equal(code, 0);
  const { added } = JSON.parse(stdout) as { added: { kid: string; alg: string; signs_from: number }[] };
  assert.deepEqual([added.length, added[0]?.alg], [1, 'ES256']);
  assert.ok((await publishes(as, (kids) => kids.length === 2)).includes(added[0]?.kid ?? ''));
  assert.equal((await uma(['serve', 'keys', 'rotate'])).code, 2);
  assert.equal((await uma(['serve', 'keys', 'turn', '--data', dataDir])).code, 2);
});
