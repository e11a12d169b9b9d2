/** What `npm pack` makes, as somebody gets it who has no checkout: on each Node that it is for. Needs the npm registry for the newer Node. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const NEWER_NODE = '26.10.0';

const folder = mkdtempSync(join(tmpdir(), 'uma-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const npm = (...args: string[]) => execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });

let tarball: string;
before(() => {
  // Everything npm prints before is of the build.
  const made = npm('pack', '--json', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(made.slice(made.indexOf('[\n'))) as [{ filename: string }];
  tarball = join(folder, filename);
});

test('the package is small, installs by itself alone and runs no scripts', () => {
  assert.ok(statSync(tarball).size < 3 * 2 ** 20, `${statSync(tarball).size} bytes`);
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'));
  for (const script of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts[script], undefined);
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), []);
  // Native code cannot be bundled; where it is missing, secrets lie in files.
  assert.deepEqual(Object.keys(manifest.optionalDependencies), ['@napi-rs/keyring']);
  for (const file of [
    'LICENSE',
    'README.md',
    'bin/uma.js',
    'dist/third-party-licenses.txt',
    'completions/uma.fish',
    'man/uma.1',
  ])
    assert.ok(statSync(join(folder, 'package', file)).size > 0, file);
});

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: join(folder, 'package'), pack: false, strict: true });
  const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'));
  assert.deepEqual(
    messages.map((message) => formatMessage(message, manifest)),
    [],
  );
});

function newerNode(): string {
  const prefix = join(folder, 'newer');
  mkdirSync(prefix);
  const binary = `node-${process.platform}-${process.arch}`;
  npm('install', '--prefix', prefix, '--no-save', `${binary}@${NEWER_NODE}`);
  return join(prefix, 'node_modules', binary, 'bin/node');
}

suite('npm i -g, then the demo from an empty folder', () => {
  const nodes: [string, () => string][] = [
    [process.versions.node, () => process.execPath],
    [NEWER_NODE, newerNode],
  ];
  for (const [version, find] of nodes)
    test(`Node ${version}`, () => {
      const node = find();
      const prefix = join(folder, `on-${version}`);
      npm('install', '--global', '--prefix', prefix, tarball);
      assert.ok(statSync(join(prefix, 'share/man/man1/uma.1')).size > 0);
      const empty = join(prefix, 'empty');
      mkdirSync(empty);
      const run = (...args: string[]) =>
        spawnSync(join(prefix, 'bin/uma'), args, {
          cwd: empty,
          encoding: 'utf8',
          // `env` is all that is needed beside this Node.
          env: { PATH: [dirname(node), '/usr/bin', '/bin'].join(delimiter), HOME: empty },
        });
      assert.match(run('--version').stdout, new RegExp(`^uma \\S+ \\(Node\\.js v${version.replaceAll('.', '\\.')}, `));
      const demo = run('demo', '--quiet', '--field', 'ok');
      assert.deepEqual([demo.status, demo.stdout, demo.stderr], [0, 'true\n', '']);
    });
});
