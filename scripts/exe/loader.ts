/**
 * scripts/exe/: the single executable: Node with the program in it (Node's "single executable applications"). The files of dist/
 * are assets of it, each with its code as V8 compiled it, so that a start compiles nothing; Node's own code cache for single
 * executables knows one script only, and of that one nothing that was not yet called.
 *
 * This file: `require` for the program's files, wherever they come from.
 */
import { createRequire } from 'node:module';
import { Script } from 'node:vm';

export interface Source {
  text: string;
  /** What `Script.createCachedData` gave; of another Node it is ignored. */
  code?: Buffer;
}

export interface Loader {
  load(name: string): unknown;
  /** Every file that was loaded, by name. */
  scripts: ReadonlyMap<string, Script>;
}

type Wrapped = (
  exports: object,
  require: (id: string) => unknown,
  module: object,
  file: string,
  folder: string,
) => void;

const wrapped = (text: string) => `(function (exports, require, module, __filename, __dirname) { ${text}\n})`;

/** `read` answers for names like `main.cjs`; everything else the files require is Node's own. */
export function makeLoader(read: (name: string) => Source): Loader {
  const builtin = createRequire(process.execPath);
  const modules = new Map<string, { exports: object }>();
  const scripts = new Map<string, Script>();
  const load = (name: string): unknown => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(name, module);
    const { text, code } = read(name);
    const script = new Script(wrapped(text), { filename: name, ...(code === undefined ? {} : { cachedData: code }) });
    scripts.set(name, script);
    const require = (id: string) => (id.startsWith('./') ? load(id.slice(2)) : builtin(id));
    (script.runInThisContext() as Wrapped)(module.exports, require, module, name, '.');
    return module.exports;
  };
  return { load, scripts };
}
