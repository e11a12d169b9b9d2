// man/uma.1, which `npm run generate` makes; that it is not stale: completion.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandsOf } from '../../src/cli/locate.ts';
import { REGISTRY } from '../../src/commands/registry.ts';

const path = new URL('../../man/uma.1', import.meta.url).pathname;
const lines = readFileSync(path, 'utf8').split('\n');

test('the manual page has every command, and no line that roff takes for a request of its own', () => {
  for (const { path: words } of commandsOf(REGISTRY)) {
    const start = `.SS "uma ${words.join(' ')} `;
    assert.ok(
      lines.some((line) => line.startsWith(start)),
      start,
    );
  }
  const requests = new Set(lines.flatMap((line) => /^[.'](\S*)/.exec(line)?.[1] ?? []));
  assert.deepEqual([...requests].sort(), ['B', 'EE', 'EX', 'I', 'PP', 'SH', 'SS', 'TH', 'TP', '\\"', 'ad', 'br', 'nh']);
});

test('groff has nothing to say about it', { skip: spawnSync('groff', ['-v']).status !== 0 }, () => {
  const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', path], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, /uma rpt/);
});
