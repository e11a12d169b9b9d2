import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { temporaryCertificate } from '../../src/commands/conformance/embedded.ts';
import { UmaError } from '../../src/protocol/errors.ts';
import { loadConfig } from '../../src/server/config/load.ts';
import { startServer } from '../../src/server/start.ts';
import { uma } from '../cli/uma.ts';

const open = (path: string, mode: string) => (error: unknown) => {
  assert.ok(error instanceof UmaError, String(error));
  assert.deepEqual([error.category, error.code], ['config', 'file_open_to_others']);
  assert.ok(error.message.includes(path) && error.message.includes(mode), error.message);
  assert.match(error.hint ?? '', new RegExp(`chmod 600 ${path}`));
  assert.match(error.hint ?? '', /--allow-readable-files/);
  return true;
};

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'uma-private-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function file(path: string, text: string, mode: number): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a file that others can read is refused', { skip: process.platform === 'win32' }, () => {
  it('the configuration, whatever is in it, and a client secret that it names', async (t) => {
    const path = join(folder(t), 'uma.json');
    for (const mode of [0o640, 0o604, 0o620, 0o644]) {
      file(path, '{}', mode);
      await assert.rejects(loadConfig(path), open(path, `0${mode.toString(8)}`));
      assert.deepEqual((await loadConfig(path, { readableFiles: true })).people, []);
    }
    for (const mode of [0o600, 0o400]) assert.deepEqual((await loadConfig(file(path, '{}', mode))).people, []);

    const secret = file(join(folder(t), 'secret'), 's3cret', 0o644);
    const clients = [{ client_id: 'a', client_secret_file: secret, grant_types: ['client_credentials'] }];
    file(path, JSON.stringify({ clients }), 0o600);
    await assert.rejects(loadConfig(path), open(secret, '0644'));
    assert.equal((await loadConfig(path, { readableFiles: true })).clients[0]?.client_secret, 's3cret');
  });

  it('the data of a server, with its side files', async (t) => {
    const dataDir = join(folder(t), 'data');
    await (await startServer({ port: 0, dataDir })).close();
    for (const name of ['uma.sqlite', 'uma.sqlite-wal']) {
      const path = join(dataDir, name);
      if (name !== 'uma.sqlite') file(path, '', 0o600);
      chmodSync(path, 0o644);
      await assert.rejects(startServer({ port: 0, dataDir }), open(path, '0644'));
      await (await startServer({ port: 0, dataDir, readableFiles: true })).close();
      rmSync(join(dataDir, 'uma.sqlite-wal'), { force: true });
      chmodSync(join(dataDir, 'uma.sqlite'), 0o600);
    }
    await (await startServer({ port: 0, dataDir })).close();
  });

  it('the key of the TLS certificate', async (t) => {
    const tls = await temporaryCertificate();
    t.after(() => tls.remove());
    chmodSync(tls.files.key, 0o640);
    await assert.rejects(startServer({ port: 0, tls: tls.files }), open(tls.files.key, '0640'));
    await (await startServer({ port: 0, tls: tls.files, readableFiles: true })).close();
  });

  it('by the command: --config, --import and --store-password-file, exit 3, what to do and no secret', async (t) => {
    const directory = folder(t);
    for (const args of [
      ['--config', file(join(directory, 'a.json'), '{"clients":[{"client_secret":"s3cret"}]}', 0o644)],
      ['--import', file(join(directory, 'realm.json'), '{"secret":"s3cret"}', 0o644)],
      [
        '--store',
        'postgres://uma@127.0.0.1:9/uma',
        '--store-password-file',
        file(join(directory, 'pw'), 's3cret', 0o644),
      ],
    ]) {
      const { code, stdout, stderr } = await uma(['serve', '--port', '0', ...args]);
      assert.equal(code, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /chmod 600/);
      assert.doesNotMatch(stderr, /s3cret/);
    }
  });
});
