/** The licences of what is bundled: whoever passes the program on passes these on with it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One text with name, version, licence and licence text of each package that a module in `modules` (paths of files) belongs to.
 * @throws Error for a package that says nothing about its licence.
 */
export function thirdPartyLicenses(modules: Iterable<string>): string {
  const folders = new Set([...modules].flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  return [...folders]
    .map((folder) => ({ folder, ...manifestOf(folder) }))
    .sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1))
    .map(({ folder, name, version, license }) => {
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
      if (license === undefined && text === '') throw new Error(`build: ${name} says nothing about its licence`);
      return `${name} ${version} (${license ?? 'see below'})${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function manifestOf(folder: string): { name: string; version: string; license?: string } {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) throw new Error(`build: ${folder} is no package`);
  return JSON.parse(readFileSync(path, 'utf8'));
}
