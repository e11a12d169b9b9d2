// The disk of the data directory is full: a small tmpfs for root, for everybody else a limit on the size of files. Both are the
// kernel's own answer to a write.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../cli/uma.ts';
import { type Instance, instances, onFile } from './instances.ts';
import { counts } from './report.ts';

interface Disk {
  name: string;
  directory: string;
  /** No byte more. */
  fill(instance: Instance): void;
  free(instance: Instance): void;
}

/** Undefined where this user may not mount. */
function smallDisk(t: TestContext): Disk | undefined {
  const mount = mkdtempSync(join(tmpdir(), 'uma-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', mount]).status === 0;
  t.after(() => {
    if (mounted) spawnSync('umount', ['-l', mount]);
    rmdirSync(mount);
  });
  if (!mounted) return undefined;
  const filler = join(mount, 'filler');
  return {
    name: 'tmpfs of 16 MiB',
    directory: join(mount, 'data'),
    fill() {
      // As others would: until there is not a page left.
      const { stderr } = spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { encoding: 'utf8' });
      assert.match(stderr, /No space left/);
    },
    free: () => rmSync(filler),
  };
}

function smallFiles(): Disk {
  const limit = ({ child }: Instance, bytes: string) => {
    const done = spawnSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
  };
  return {
    name: 'limit on the size of files',
    directory: temporaryDirectory(),
    // Less than a page: nothing can be written anywhere in the files.
    fill: (instance) => limit(instance, '1024'),
    free: (instance) => limit(instance, 'unlimited'),
  };
}

const DISKS: ((t: TestContext) => Disk | undefined)[] = [smallDisk, smallFiles];

test('a full disk of the data directory: writing is refused with 503, reading goes on, nothing is corrupted, and with space all goes on', async (t) => {
  for (const disk of DISKS.flatMap((make) => make(t) ?? [])) {
    const as = await instances(t, onFile(t, disk.directory), 1);
    const [instance] = as.members as [Instance];
    const pat = await as.pat();
    const acknowledged: string[] = [];
    const register = async () => {
      const answer = await as.json('POST', '/resource_set', pat, {
        resource_scopes: ['view'],
        description: 'x'.repeat(4000),
      });
      if (answer.status === 201) acknowledged.push(answer.body._id as string);
      return answer;
    };
    const id = (await register()).body._id as string;
    await as.allow(id);
    const claims = await as.claimToken();
    const [rpt, ticket] = [await as.rpt(pat, id), await as.ticket(pat, id)];

    disk.fill(instance);
    const refused: Awaited<ReturnType<typeof register>>[] = [];
    // The write-ahead log has room of its own for a while.
    for (let tries = 0; refused.length < 20 && tries < 5000; tries += 1) {
      const answer = await register();
      if (answer.status !== 201) refused.push(answer);
    }
    const count = counts(`disk full: ${disk.name}`, 'SQLite file');
    const clear = refused.filter(
      ({ status, headers, body }) =>
        status === 503 && Number(headers.get('retry-after')) > 0 && body.error === 'temporarily_unavailable',
    );
    count('writes refused with 503 and Retry-After', clear.length, 20);
    const grant = await as.redeem(ticket, claims);
    count('RPTs while it is full', Number(grant.status === 200), 0);
    assert.equal(grant.status, 503, grant.text);
    count(
      'introspections while it is full',
      Number((await as.post('/introspect', { token: rpt }, pat)).body.active),
      1,
    );
    count(
      'lines of the log that name the cause',
      instance.said.join('').split('the database does not serve: its disk').length - 1,
      'at least 1',
    );

    disk.free(instance);
    count('RPTs once there is space', Number((await as.redeem(await as.ticket(pat, id), claims)).status === 200), 1);
    for (let more = 0; more < 20; more += 1) assert.equal((await register()).status, 201);
    const ids = new Set((await as.json('GET', '/resource_set', pat)).body as string[]);
    count(
      'acknowledged registrations, still there',
      acknowledged.filter((one) => ids.has(one)).length,
      acknowledged.length,
    );
    count('registrations nobody was told of', ids.size - acknowledged.length, 0);
    await as.stop();
    const file = new DatabaseSync(join(disk.directory, 'uma.sqlite'), { readOnly: true });
    const integrity = file.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    file.close();
    count('findings of PRAGMA integrity_check', integrity.filter((row) => row.integrity_check !== 'ok').length, 0);
  }
});
