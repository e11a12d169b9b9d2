import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/server/start.ts';
import { runUma } from './uma.ts';

test('P12: the owner’s side takes a resource by id, name or URI, as the resource server’s does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'uma-owned-'));
  const server = await startServer({ port: 0, layout: 'keycloak' });
  const env = {
    UMA_ISSUER: server.issuer,
    UMA_OWNER: 'alice',
    UMA_OWNER_PASSWORD: 'password',
    UMA_RS_CLIENT_ID: 'photoz-restful-api',
    UMA_RS_CLIENT_SECRET: 'secret',
  };
  const uma = (...argv: string[]) => runUma(argv, { env }, directory);
  try {
    const made = await uma('register', '--name', 'Italy', '--scope', 'view', '--uri', '/album/1');
    const { _id } = made.json<{ _id: string }>();
    // One that is named as the other's address.
    await uma('register', '--name', '/album/2', '--scope', 'view');
    await uma('register', '--name', 'Other', '--scope', 'view', '--uri', '/album/2');
    for (const name of [_id, 'Italy', '/album/1']) {
      const added = await uma('policy', 'add', '--resource', name, '--party', 'bob', '--scope', 'view');
      assert.equal(added.code, 0, added.err);
      assert.equal(added.json<{ resource_id: string }>().resource_id, _id, name);
      const shown = await uma('resource', 'show', name);
      assert.equal(shown.json<{ _id: string }>()._id, _id, name);
      const revoked = await uma('revoke', '--resource', name, '--yes');
      assert.equal(revoked.json<{ policies: number }>().policies, 1, name);
    }
    const named = await uma('revoke', '--resource', '/album/2', '--yes');
    assert.match(named.err, /access to \/album\/2/, 'a name wins over a URI');
    assert.equal((await uma('revoke', '--resource', '/album/3', '--yes')).code, 2);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true });
  }
});
