import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { updateFile } from '../../src/adapters/trace-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'uma-test-'));
after(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

test('processes that add to one file at once lose nothing', async () => {
  const path = at('count');
  const module = new URL('../../src/adapters/trace-file.ts', import.meta.url).href;
  const script = `const { updateFile } = await import(${JSON.stringify(module)});
    for (let i = 0; i < 20; i += 1) await updateFile(${JSON.stringify(path)}, (text = '') => text + 'x');`;
  const add = () => promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await Promise.all([add(), add(), add()]);
  assert.equal(readFileSync(path, 'utf8'), 'x'.repeat(60));
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('what update throws leaves the file as it was, and no lock behind', async () => {
  writeFileSync(at('kept'), 'mine');
  const refuse = () => {
    throw new Error('not mine');
  };
  await assert.rejects(updateFile(at('kept'), refuse), /not mine/);
  assert.equal(readFileSync(at('kept'), 'utf8'), 'mine');
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith('kept')),
    ['kept'],
  );
});

test('the lock of a process that died is taken over', async () => {
  writeFileSync(at('old.lock'), '');
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(at('old.lock'), longAgo, longAgo);
  await updateFile(at('old'), () => 'new');
  assert.equal(readFileSync(at('old'), 'utf8'), 'new');
});

test('a place that cannot be written to is a usage error with its name', async () => {
  await assert.rejects(
    updateFile(at('no/such/file'), () => ''),
    { code: 'unwritable_file', category: 'usage' },
  );
});
