import assert from 'node:assert/strict';
import { fork, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { threadsFor } from '../../src/adapters/server-process.ts';

it('one core has two threads beside JavaScript too, so that a slow name server holds up no password; many cores have four', () => {
  assert.deepEqual([1, 2, 3, 4, 64].map(threadsFor), [2, 2, 3, 4, 4]);
});

const onLinux = { skip: process.platform !== 'linux' && 'those settings are of Linux' };
const bin = fileURLToPath(new URL('../../bin/uma.js', import.meta.url));
const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

it(
  'uma serve begins anew with settings of libc as the same process; what the operator has set stays',
  onLinux,
  async () => {
    for (const given of [{}, { MALLOC_ARENA_MAX: '3' }]) {
      const server = spawn(process.execPath, [bin, 'serve', '--port', '0', '--quiet'], {
        env: { ...process.env, ...given },
      });
      const [line] = await once(createInterface(server.stdout), 'line');
      const environment = environmentOf(server.pid!);
      assert.equal(JSON.parse(line).pid, server.pid);
      assert.ok(environment.includes(`MALLOC_ARENA_MAX=${given.MALLOC_ARENA_MAX ?? '1'}`));
      assert.ok(environment.some((entry) => entry.startsWith('MALLOC_TRIM_THRESHOLD_=')));
      server.kill('SIGTERM');
      assert.deepEqual(await once(server, 'exit'), [0, null]);
    }
  },
);

it('one that is told something by its parent does not: it would no longer hear', onLinux, async () => {
  const server = fork(bin, ['serve', '--port', '0', '--quiet'], {
    execPath: process.execPath,
    execArgv: [],
    silent: true,
  });
  await once(createInterface(server.stdout!), 'line');
  assert.equal(
    environmentOf(server.pid!).some((entry) => entry.startsWith('MALLOC_')),
    false,
  );
  server.kill('SIGTERM');
  assert.deepEqual(await once(server, 'exit'), [0, null]);
});

it('files that a shell has opened for it stay open', onLinux, async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'uma-fd-')), 'c.json');
  writeFileSync(file, '{}', { mode: 0o600 });
  const fd = openSync(file, 'r');
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', fd];
  const check = spawn(process.execPath, [bin, 'serve', 'check', '--config', '/dev/fd/3'], { stdio });
  assert.deepEqual(await once(check, 'exit'), [0, null]);
  closeSync(fd);
});
