import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory, uma } from '../cli/uma.ts';
import { start } from '../server/http/harness.ts';

test('uma serve export | uma serve import: another directory serves what the first one knew', async () => {
  const [from, to] = [temporaryDirectory(), temporaryDirectory()];
  const kids = async (as: Awaited<ReturnType<typeof start>>) => (await as.send('/jwks')).text;
  let pat = '';
  let id = '';
  let ticket = '';
  let used = '';
  let keys = '';
  {
    await using as = await start({ dataDir: from });
    pat = await as.pat();
    id = await as.register(pat, { resource_scopes: ['view'], name: 'Résumé' });
    await as.allow(id);
    [ticket, used] = [await as.ticket(pat, id), await as.ticket(pat, id)];
    assert.equal((await as.redeem(used, await as.claimToken())).status, 200);
    keys = await kids(as);
  }
  const dump = await uma(['serve', 'export', '--data', from]);
  assert.equal(dump.code, 0, dump.stderr);
  const taken = await uma(['serve', 'import', '-', '--data', to], { stdin: dump.stdout });
  const { records } = JSON.parse(taken.stdout) as { records: number };
  assert.deepEqual([taken.code, taken.stderr], [0, `${records} records taken over\n`]);
  assert.equal(dump.stdout.trim().split('\n').length, records + 2);
  assert.equal(statSync(join(to, 'uma.sqlite')).mode & 0o777, 0o600);
  await using as = await start({ dataDir: to });
  assert.equal(await kids(as), keys);
  assert.equal((await as.json('GET', `/resource_set/${id}`, pat)).body.name, 'Résumé');
  assert.equal((await as.redeem(used, await as.claimToken())).body.error, 'invalid_grant');
  // The policy names bob at the issuer of before; the ticket itself is good, and is looked at.
  assert.equal((await as.redeem(ticket, await as.claimToken())).body.error, 'request_submitted');
});

test('an import is refused whole: cut off, not an export, into a store that holds something, without a store', async () => {
  const data = temporaryDirectory();
  const file = join(data, 'dump.jsonl');
  const key = { kind: 'key', record: { kid: 'k', jwk: {}, created_at: 1 } };
  const lines = (...items: object[]) => items.map((item) => JSON.stringify(item)).join('\n');
  const head = { kind: 'uma-export', version: 1 };
  for (const text of [
    '',
    'nonsense',
    lines(key),
    lines(head, key),
    lines(head, key, { kind: 'end', records: 2 }),
    lines(head, key, { kind: 'else', record: {} }, { kind: 'end', records: 2 }),
    lines({ ...head, version: 2 }, { kind: 'end', records: 0 }),
  ]) {
    writeFileSync(file, text);
    const { code, stderr } = await uma(['serve', 'import', file, '--data', data]);
    assert.equal(code, 2, stderr);
  }
  writeFileSync(file, lines(head, key, { kind: 'end', records: 1 }));
  assert.equal((await uma(['serve', 'import', file, '--data', data])).code, 0, 'nothing was written before');
  const again = await uma(['serve', 'import', file, '--data', data]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /holds records/);
  assert.equal((await uma(['serve', 'export'])).code, 2);
});
