// Writes types/: the declarations of the library entry, and of what it refers to and nothing else. Part of `npm run build`;
// the bundle itself is made by build.ts, far more often.
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const fresh = join(root, '.cache', `types-${process.pid}`);
mkdirSync(fresh, { recursive: true });

// `npm run types` checks; this only writes, so that a fault elsewhere does not stop an installation.
const project = join(root, '.cache', `types-${process.pid}.json`);
writeFileSync(
  project,
  JSON.stringify({
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      outDir: fresh,
      rootDir: join(root, 'src'),
    },
    include: [],
    files: [join(root, 'src/index.ts')],
  }),
);
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const run = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
rmSync(project);
if (run.status !== 0) throw new Error('declarations: tsc failed');

const reached = new Set<string>();
const visit = (file: string): void => {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?'(\.[^']+)\.ts'/g))
    visit(join(dirname(file), `${specifier}.d.ts`));
};
visit(join(fresh, 'index.d.ts'));
for (const file of globSync('**/*.d.ts', { cwd: fresh }))
  if (!reached.has(join(fresh, file))) rmSync(join(fresh, file));

const target = join(root, 'types');
rmSync(target, { recursive: true, force: true });
renameSync(fresh, target);
