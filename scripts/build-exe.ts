// `npm run build:exe`: exe/uma, the program with the Node that runs this in one file, for people without Node.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
// @ts-expect-error It has no types.
import { inject } from 'postject';
import { rolldown } from 'rolldown';
import { ensureBuilt } from './fresh.ts';

const root = new URL('..', import.meta.url).pathname;
const dist = join(root, 'dist');
const folder = mkdtempSync(join(tmpdir(), 'uma-exe-'));
const node = process.execPath;

function run(...args: string[]): void {
  const { status, stderr } = spawnSync(node, args, { encoding: 'utf8', cwd: folder });
  if (status !== 0) throw new Error(`build:exe: ${args.map((word) => basename(word)).join(' ')} failed\n${stderr}`);
}

ensureBuilt();
try {
  const made = await rolldown({ input: join(root, 'scripts/exe/entry.ts'), platform: 'node', external: /^node:/ });
  const entry = join(folder, 'entry.cjs');
  await made.write({ file: entry, format: 'cjs' });
  await made.close();
  const code = join(folder, 'code');
  mkdirSync(code);
  run(join(root, 'scripts/exe/compile.ts'), dist, code);
  const files = readdirSync(dist).filter((name) => name.endsWith('.cjs'));
  const assets = Object.fromEntries(
    files.flatMap((name) => [
      [name, join(dist, name)],
      [`${name}.code`, join(code, `${name}.code`)],
    ]),
  );
  const blob = join(folder, 'uma.blob');
  const config = join(folder, 'sea.json');
  writeFileSync(config, JSON.stringify({ main: entry, output: blob, assets, disableExperimentalSEAWarning: true }));
  run('--experimental-sea-config', config);

  mkdirSync(join(root, 'exe'), { recursive: true });
  const exe = join(root, 'exe', process.platform === 'win32' ? 'uma.exe' : 'uma');
  copyFileSync(node, exe);
  await inject(exe, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
  });
  // A changed program needs a new signature there; an ad-hoc one does for this machine.
  if (process.platform === 'darwin') spawnSync('codesign', ['--sign', '-', exe], { stdio: 'inherit' });
  console.log(`${exe}: ${Math.round(readFileSync(exe).length / 2 ** 20)} MiB, ${files.length} files of the program`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
