// Builds dist/ unless it is newer than everything it is made of: what the tests of the built program call first.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const changed = (path: string) => statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** @throws Error with the output of the build when that fails. */
export function ensureBuilt(): void {
  const built = changed('dist/main.cjs');
  const sources = [...globSync('src/**/*.ts', { cwd: root.pathname }), 'package.json', 'scripts/build.ts'];
  if (sources.every((path) => changed(path) < built)) return;
  const run = spawnSync(process.execPath, ['scripts/build.ts'], { cwd: root.pathname, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the build failed\n${run.stdout}${run.stderr}`);
}
