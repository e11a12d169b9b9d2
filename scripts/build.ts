// Bundles src/main.ts into dist/: CommonJS, because an ES module start costs more than the program itself
// (DESIGN: start-up is a feature), in chunks, because a command loads only what it runs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const root = new URL('..', import.meta.url);
const at = (path: string) => new URL(path, root);
const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };

/** The short commit hash, or 'none' where the tree is no git checkout (a packed tarball). */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return 'none';
  }
}

// Made beside and moved into place: a program that starts meanwhile finds the old one or the new one, never half of it.
const fresh = at(`.cache/dist-${process.pid}/`);
const old = at(`.cache/dist-old-${process.pid}/`);
mkdirSync(fresh, { recursive: true });
const bundle = await rolldown({
  input: { main: at('src/main.ts').pathname },
  platform: 'node',
  external: [/^node:/],
  transform: { target: 'node24', define: { UMA_BUILD: JSON.stringify({ version, commit: commit() }) } },
  onwarn: (warning) => {
    // depd, of koa under oidc-provider, wraps deprecated functions so: nothing of ours, nothing of a request's.
    if (warning.code === 'EVAL' && warning.message.includes('/depd/')) return;
    throw new Error(`build: ${warning.code ?? ''} ${warning.message}`);
  },
});
await bundle.write({
  dir: fresh.pathname,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  minify: 'dce-only',
});
await bundle.close();
writeFileSync(new URL('package.json', fresh), '{ "type": "commonjs" }\n');
try {
  renameSync(at('dist'), old);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
renameSync(fresh, at('dist'));
rmSync(old, { recursive: true, force: true });
