// Bundles src/main.ts, the program, and src/index.ts, the library, into dist/: CommonJS, because an ES module start costs more than the program itself
// (DESIGN: start-up is a feature), in chunks, because a command loads only what it runs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type CodeSplittingGroup as Group, type Plugin, rolldown } from 'rolldown';
import { thirdPartyLicenses } from './licenses.ts';

const root = new URL('..', import.meta.url);
const at = (path: string) => new URL(path, root);
const { version, bugs } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
  version: string;
  bugs?: { url?: string; email?: string };
};

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

const isGot = (file: string | undefined) => file?.includes('/node_modules/got/') === true;

/**
 * got loads two big parts of Node that our requests (strings over HTTP/1.1) never use: undici, by asking whether a body is a
 * FormData, and HTTP/2. They cost as much as the rest of a command's start. The bundle leaves them out; a got that asks otherwise
 * fails the build.
 */
const lightGot: Plugin = {
  name: 'light-got',
  resolveId: {
    filter: { id: /^node:http2$/ },
    handler: (_id, importer) => (isGot(importer) ? '\0no-http2' : undefined),
  },
  load: {
    filter: { id: /^\0no-http2$/ },
    handler: () => 'export class Http2ServerResponse {}\nexport const constants = {};\nexport default { constants };',
  },
  transform: {
    filter: { id: /\/got\/dist\/source\/core\/(index|options)\.js$/ },
    handler(code, id) {
      const light = code.replaceAll(/\b[\w.]+ instanceof FormData\b/g, 'false');
      if (id.endsWith('index.js') && light === code)
        throw new Error('build: got no longer asks for FormData: see lightGot');
      return light;
    },
  },
};

/** @sindresorhus/is, of got, makes two list formats for messages of its asserts when it is loaded, and with them loads the ICU data of English: when one is wanted is early enough. */
const lightIs: Plugin = {
  name: 'light-is',
  transform: {
    filter: { id: /\/@sindresorhus\/is\/distribution\/index\.js$/ },
    handler(code) {
      const light = code.replaceAll(
        /^const (\w+) = (new Intl\.ListFormat\(.*\));$/gm,
        'const $1 = { format: (values) => $2.format(values) };',
      );
      if (light === code) throw new Error('build: @sindresorhus/is no longer makes list formats: see lightIs');
      return light;
    },
  },
};

/** oidc-provider warns of every Node that is no LTS yet. Which Node is fit is ours to say (bin/uma.js), and not on a command's standard error. */
const quietProvider: Plugin = {
  name: 'quiet-provider',
  transform: {
    filter: { id: /\/oidc-provider\/lib\/index\.js$/ },
    handler(code) {
      const quiet = code.replace(/^\s*attention\.warn\('Unsupported runtime.*$/m, '');
      if (quiet === code) throw new Error('build: oidc-provider no longer warns of the runtime: see quietProvider');
      return quiet;
    },
  },
};

/** @fastify/reply-from can speak through undici, and loads it also where it is told not to; the gateway speaks through node:http. */
const lightProxy: Plugin = {
  name: 'light-proxy',
  resolveId: {
    filter: { id: /^undici$/ },
    handler: (_id, importer) => (importer?.includes('/@fastify/reply-from/') ? '\0no-undici' : undefined),
  },
  load: { filter: { id: /^\0no-undici$/ }, handler: () => 'module.exports = {};' },
};

const escaped = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`;

/** One character that is no ASCII makes V8 keep two bytes for each of the whole file. Escaped it is the same, in strings, patterns and names. */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_options, files) {
    for (const file of Object.values(files))
      if (file.type === 'chunk')
        file.code = file.code.replaceAll(/\P{ASCII}/gu, (character) =>
          Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
        );
  },
};

/** `uma --version` loads one small file: what main.ts imports for every other call is a bundle of its own. */
const programApart: Plugin = {
  name: 'program-apart',
  resolveId: {
    filter: { id: /\/commands\/program\.ts$/ },
    handler: (_id, importer) =>
      importer?.endsWith('/src/main.ts') === true ? { id: './program.cjs', external: true } : undefined,
  },
};

// Made beside and moved into place: a program that starts meanwhile finds the old one or the new one, never half of it.
const fresh = at(`.cache/dist-${process.pid}/`);
const old = at(`.cache/dist-old-${process.pid}/`);
mkdirSync(fresh, { recursive: true });

/** What nearly every command loads, in one chunk: finding and reading a file costs more than a few functions that are not called. */
const CORE =
  /\/src\/(protocol|client|wire)\/|\/src\/cli\/(?!version|compile-cache|completion)|\/src\/adapters\/|\/src\/commands\/(program|registry|context|connect|trace-flags|owned)\.ts|\/node_modules\/commander\//;

/** Each entry by itself: the library must not change how the program is cut into chunks. */
async function bundle(input: Record<string, string>, folder: URL, groups: Group[] = []) {
  const made = await rolldown({
    input,
    platform: 'node',
    plugins: [lightGot, lightIs, lightProxy, quietProvider, programApart, ascii],
    external: (id, importer) => id.startsWith('node:') && !(id === 'node:http2' && isGot(importer)),
    transform: {
      target: 'node24',
      define: { UMA_BUILD: JSON.stringify({ version, commit: commit(), bugs: bugs?.url ?? bugs?.email }) },
    },
    onwarn: (warning) => {
      // depd, of koa under oidc-provider, wraps deprecated functions so: nothing of ours, nothing of a request's.
      if (warning.code === 'EVAL' && warning.message.includes('/depd/')) return;
      throw new Error(`build: ${warning.code ?? ''} ${warning.message}`);
    },
  });
  const { output } = await made.write({
    dir: folder.pathname,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    codeSplitting: { groups },
    dynamicImportInCjs: false,
  });
  await made.close();
  const [entry] = output;
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  return { names: entry.exports, modules };
}

mkdirSync(new URL('library/', fresh));
const bundles = await Promise.all([
  bundle({ main: at('src/main.ts').pathname }, fresh),
  bundle({ program: at('src/commands/program.ts').pathname }, fresh, [{ name: 'core', test: CORE }]),
  bundle({ index: at('src/index.ts').pathname }, new URL('library/', fresh)),
]);
const { names } = bundles[2];
writeFileSync(
  new URL('third-party-licenses.txt', fresh),
  thirdPartyLicenses(bundles.flatMap(({ modules }) => modules)),
);
// One library for both module systems, so that a class is the same class in both.
writeFileSync(
  new URL('library/index.mjs', fresh),
  `import library from './index.cjs';\nexport const { ${names.join(', ')} } = library;\n`,
);
writeFileSync(new URL('package.json', fresh), '{ "type": "commonjs" }\n');
try {
  renameSync(at('dist'), old);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
renameSync(fresh, at('dist'));
rmSync(old, { recursive: true, force: true });

// In a checkout `uma` lies beside the `node` that runs it, as npm does it for the packages that are installed: for `npx uma`, and for a PATH.
if (process.platform !== 'win32') {
  const link = at('node_modules/.bin/uma');
  rmSync(link, { force: true });
  symlinkSync('../../bin/uma.js', link);
}
