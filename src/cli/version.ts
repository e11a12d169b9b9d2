/** Name, version, Node and commit, without loading anything else: `uma --version` is measured against `node -e 0`. */

/** Put in by the bundler (scripts/build.ts); sources run without it. */
declare const UMA_BUILD: Build;

export interface Build {
  version: string;
  commit: string;
  /** Where faults are reported: `bugs` of package.json. */
  bugs?: string;
}

export const build: Build = typeof UMA_BUILD === 'undefined' ? { version: '0.0.0-source', commit: 'none' } : UMA_BUILD;

/** True for `uma --version`, `uma -V`, with `-o json` or `--json` on either side. */
export function asksVersion(argv: readonly string[]): boolean {
  if (argv[0] !== '--version' && argv[0] !== '-V' && argv.at(-1) !== '--version' && argv.at(-1) !== '-V') return false;
  return argv.every((word) =>
    ['--version', '-V', '-o', '--output', 'json', 'text', '--json', '--output=json'].includes(word),
  );
}

export function versionText(argv: readonly string[], node: string): string {
  const { version, commit } = build;
  const json = argv.some((word) => word === 'json' || word === '--json' || word === '--output=json');
  return json
    ? `${JSON.stringify({ name: 'uma', version, node, commit })}\n`
    : `uma ${version} (Node.js ${node}, commit ${commit})\n`;
}
